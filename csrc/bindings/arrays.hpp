// The only conversion between NumPy arrays and the views of the kernels.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <vector>

#include "xproj/matches.hpp"
#include "xproj/validate.hpp"
#include "xproj/views.hpp"

namespace xproj::bindings {

namespace py = pybind11;

// Contiguous and of exactly this dtype: with py::arg(...).noconvert() anything else is a TypeError, never a
// copy.
template <class T>
using Array = py::array_t<T, py::array::c_style>;

template <class T>
View<T> view(const Array<T>& array) {
    return {array.data(), static_cast<std::size_t>(array.size())};
}

// For what writes by index, or reads objects by it: it looks itself, whoever has looked before.
inline void require_offsets(View<Offset> offsets, Offset values) {
    if (check_offsets(offsets, values).fault == Fault::none) return;
    throw py::index_error("expected offsets that start at 0, never decrease and end at " + std::to_string(values));
}

// Hands a vector's memory to NumPy without copying it.
template <class T>
Array<T> to_numpy(std::vector<T>&& values) {
    auto owner = std::make_unique<std::vector<T>>(std::move(values));
    T* data = owner->data();
    const auto size = static_cast<py::ssize_t>(owner->size());
    py::capsule capsule(owner.release(), [](void* p) { delete static_cast<std::vector<T>*>(p); });
    return Array<T>({size}, {static_cast<py::ssize_t>(sizeof(T))}, data, capsule);
}

template <class T>
Array<T> to_numpy(std::unique_ptr<T[]>&& values, std::size_t size) {
    T* data = values.get();
    py::capsule capsule(values.release(), [](void* p) { delete[] static_cast<T*>(p); });
    return Array<T>({static_cast<py::ssize_t>(size)}, {static_cast<py::ssize_t>(sizeof(T))}, data, capsule);
}

inline TargetWords target_words(const Array<Offset>& offsets, const Array<std::uint8_t>& stop) {
    return {view(offsets), view(stop)};
}

// Allocates what a matcher fills, lets it run without the GIL, and trims to what it wrote.
class MatchArrays {
  public:
    MatchArrays(Offset sentences, Offset entities, Offset capacity)
        : offsets_(sentences + 1),
          entity_(capacity),
          start_(capacity),
          end_(capacity),
          score_(capacity),
          objective_(sentences),
          status_(sentences),
          outcome_(entities) {}

    Matches out() {
        return {offsets_.mutable_data(), entity_.mutable_data(),    start_.mutable_data(),  end_.mutable_data(),
                score_.mutable_data(),   objective_.mutable_data(), status_.mutable_data(), outcome_.mutable_data()};
    }

    py::tuple result(Offset count) const {
        const py::slice used(0, static_cast<py::ssize_t>(count), 1);
        return py::make_tuple(offsets_, entity_[used], start_[used], end_[used], score_[used], objective_, status_,
                              outcome_);
    }

  private:
    Array<Offset> offsets_;
    Array<Index> entity_, start_, end_;
    Array<float> score_;
    Array<double> objective_;
    Array<std::uint8_t> status_, outcome_;
};

void bind_alignment(py::module_& m);
void bind_candidates(py::module_& m);
void bind_lists(py::module_& m);
void bind_matchers(py::module_& m);
void bind_scores(py::module_& m);
void bind_text(py::module_& m);

}  // namespace xproj::bindings
