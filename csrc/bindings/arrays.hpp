// NumPy arrays: what a kernel reads comes as a view, what it wrote is handed over without a copy.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xproj/validate.hpp"
#include "xproj/views.hpp"

namespace xproj::bindings {

namespace py = pybind11;

template <class T>
using Array = py::array_t<T, py::array::c_style>;

template <class T>
View<T> view(const Array<T>& array) {
    return {array.data(), static_cast<std::size_t>(array.size())};
}

// For what writes by index, or reads objects by it: it looks itself, whoever has looked before.
inline void require_offsets(View<Offset> offsets, std::size_t values) {
    if (check_offsets(offsets, static_cast<Offset>(values)).fault == Fault::none) return;
    throw py::index_error("expected offsets that start at 0, never decrease and end at " + std::to_string(values));
}

template <class T>
Array<T> to_numpy(std::unique_ptr<T[]>&& values, std::size_t size) {
    T* data = values.get();
    py::capsule owner(values.release(), [](void* p) { delete[] static_cast<T*>(p); });
    return Array<T>({static_cast<py::ssize_t>(size)}, {static_cast<py::ssize_t>(sizeof(T))}, data, owner);
}

template <class T>
Array<T> to_numpy(std::vector<T>&& values) {
    auto held = std::make_unique<std::vector<T>>(std::move(values));
    T* data = held->data();
    const auto size = static_cast<py::ssize_t>(held->size());
    py::capsule owner(held.release(), [](void* p) { delete static_cast<std::vector<T>*>(p); });
    return Array<T>({size}, {static_cast<py::ssize_t>(sizeof(T))}, data, owner);
}

template <class T>
Array<T> allocate(std::size_t size) {
    return Array<T>(static_cast<py::ssize_t>(size));
}

// The first values of an array, without a copy.
template <class T>
Array<T> head(const Array<T>& array, Offset size) {
    if (array.size() == size) return array;
    return Array<T>({static_cast<py::ssize_t>(size)}, {static_cast<py::ssize_t>(sizeof(T))}, array.data(), array);
}

}  // namespace xproj::bindings

// A view as an argument: contiguous and of exactly this dtype. Anything else is a TypeError, never a copy.
template <class T>
struct pybind11::detail::type_caster<xproj::View<T>> {
    static constexpr auto name = const_name("numpy.NDArray[") + npy_format_descriptor<T>::name + const_name("]");
    template <class>
    using cast_op_type = xproj::View<T>;

    bool load(handle source, bool) {
        if (!xproj::bindings::Array<T>::check_(source)) return false;
        array_ = reinterpret_borrow<xproj::bindings::Array<T>>(source);
        return true;
    }
    operator xproj::View<T>() const { return xproj::bindings::view(array_); }

  private:
    xproj::bindings::Array<T> array_;  // held for as long as the kernel runs
};
