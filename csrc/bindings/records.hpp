// The records of xproj_fast.arrays and xproj_fast.kernels.protocol as what the kernels read, and what they wrote as
// such records: the only conversion between the two.
#pragma once

#include <pybind11/gil_safe_call_once.h>

#include <algorithm>
#include <array>
#include <optional>

#include "arrays.hpp"
#include "xproj/extract_links.hpp"
#include "xproj/heuristic.hpp"
#include "xproj/learned_features.hpp"
#include "xproj/link_sampler.hpp"
#include "xproj/ner_scores.hpp"

namespace xproj::bindings {

// Records that no kernel knows as one.
struct PairScores {
    View<Offset> offsets;
    View<float> values;
};
struct WordProbabilities {
    View<Offset> offsets;
    LabelProbabilities values;
};

template <std::size_t size>
struct Text {
    char chars[size];
    constexpr Text(const char (&text)[size]) { std::copy_n(text, size, chars); }
};

template <Text text>
PyObject* interned() {
    static PyObject* const name = [] {
        PyObject* made = PyUnicode_InternFromString(text.chars);
        if (!made) throw py::error_already_set();  // and the next call tries again
        return made;
    }();
    return name;
}

// Reads the fields of one record and holds their arrays for as long as the kernel runs.
class Fields {
  public:
    Fields(const char* record, py::handle source) : record_(record), source_(source) {}

    template <Text name, class T>
    View<T> array() {
        py::object value = get<name>();
        if (!Array<T>::check_(value)) {
            refuse(name.chars, "a contiguous array of " + std::string(py::str(py::dtype::of<T>())), value);
        }
        py::object& held = held_[count_++];
        held = std::move(value);
        return view(py::reinterpret_borrow<Array<T>>(held));
    }

    template <Text name, class T>
    T scalar() const {
        const py::object value = get<name>();
        try {
            return value.cast<T>();
        } catch (const py::cast_error&) {
            refuse(name.chars, "a number that fits", value);
        }
    }

    template <Text name>
    py::object get() const {
        PyObject* value = PyObject_GetAttr(source_.ptr(), interned<name>());
        if (!value) {
            if (!PyErr_ExceptionMatches(PyExc_AttributeError)) throw py::error_already_set();
            PyErr_Clear();
            throw py::type_error(std::string("expected ") + record_ + " with a field '" + name.chars + "', got " +
                                 Py_TYPE(source_.ptr())->tp_name);
        }
        return py::reinterpret_steal<py::object>(value);
    }

    [[noreturn]] void refuse(const char* name, const std::string& expected, const py::object& got) const {
        std::string what = Py_TYPE(got.ptr())->tp_name;
        if (py::isinstance<py::array>(got)) {
            const auto array = py::reinterpret_borrow<py::array>(got);
            what = std::string(py::str(array.dtype())) + (array.flags() & py::array::c_style ? "" : ", not contiguous");
        }
        throw py::type_error(std::string(record_) + "." + name + ": expected " + expected + ", got " + what);
    }

  private:
    const char* record_;
    py::handle source_;
    std::array<py::object, 14> held_;
    std::size_t count_ = 0;
};

template <class Record>
Record read(Fields& from);

template <>
inline Spans read(Fields& from) {
    return {from.array<"offsets", Offset>(), from.array<"start", Index>(), from.array<"end", Index>()};
}

template <>
inline Links read(Fields& from) {
    return {from.array<"offsets", Offset>(), from.array<"source", Index>(), from.array<"target", Index>()};
}

template <>
inline Pieces read(Fields& from) {
    return {from.array<"offsets", Offset>(), from.array<"word", Index>()};
}

template <>
inline WordShapes read(Fields& from) {
    return {from.array<"offsets", Offset>(), from.array<"ids", Index>(), from.array<"code_offsets", Offset>(),
            from.array<"codes", Index>(), from.array<"flags", std::uint8_t>()};
}

template <>
inline PairScores read(Fields& from) {
    return {from.array<"offsets", Offset>(), from.array<"values", float>()};
}

template <>
inline WordProbabilities read(Fields& from) {
    return {from.array<"offsets", Offset>(), {from.array<"values", float>(), py::len(from.get<"tags">())}};
}

template <>
inline NerRules read(Fields& from) {
    return {from.array<"first_column", Index>(), from.array<"inside_column", Index>(),
            from.array<"weight", double>(),      from.array<"predicted_weight", double>(),
            from.scalar<"threshold", float>(),   from.scalar<"spans_only", bool>()};
}

template <>
inline HeuristicOptions read(Fields& from) {
    return {from.scalar<"merge_distance", Index>(), from.scalar<"length_ratio", double>(),
            from.scalar<"top_k", Index>(),          from.scalar<"shortest_first", bool>(),
            from.scalar<"overwrite", bool>(),       from.scalar<"merge_only_i_labels", bool>()};
}

template <>
inline ExtractionOptions read(Fields& from) {
    return {static_cast<Extraction>(from.scalar<"method", int>()), from.scalar<"threshold", double>(),
            from.scalar<"iterations", int>(), from.scalar<"alpha", double>()};
}

template <>
inline LinkText read(Fields& from) {
    return {from.array<"offsets", Offset>(), from.array<"ids", Index>(), from.array<"form_offsets", Offset>(),
            from.array<"forms", Index>()};
}

template <>
inline KnownLinks read(Fields& from) {
    return {from.array<"offsets", Offset>(),
            from.array<"target", Index>(),
            from.array<"forward", float>(),
            from.array<"reverse", float>(),
            from.array<"source_words", float>(),
            from.array<"target_words", float>(),
            from.array<"source_nulls", float>(),
            from.array<"target_nulls", float>(),
            from.array<"source_similarity", float>(),
            from.array<"target_similarity", float>(),
            from.array<"forward_jumps", double>(),
            from.array<"reverse_jumps", double>(),
            from.array<"forward_fertilities", float>(),
            from.array<"reverse_fertilities", float>()};
}

template <>
inline SamplerSettings read(Fields& from) {
    return {from.scalar<"chains", int>(),
            from.scalar<"diagonal", int>(),
            from.scalar<"jumps", int>(),
            from.scalar<"fertility", int>(),
            from.scalar<"kept", int>(),
            {from.scalar<"sparse", float>(), from.scalar<"families", float>()},
            from.scalar<"null_prior", float>(),
            {from.scalar<"same", float>(), from.scalar<"alike", float>(), from.scalar<"least_alike", float>()},
            from.scalar<"seed", std::uint64_t>()};
}

// A Python class that C++ makes objects of, found on first use.
template <Text module, Text name>
const py::object& python_class() {
    PYBIND11_CONSTINIT static py::gil_safe_call_once_and_store<py::object> found;
    return found.call_once_and_store_result([] { return py::module_::import(module.chars).attr(name.chars); })
        .get_stored();
}

// A record of xproj_fast.arrays with arrays of our own, which nobody can write to from the start: that is all its
// constructor sees to, and Python would need longer for it than a kernel for a sentence. Fields that are not given
// are None.
template <Text name, class... Values>
py::object make_record(const Values&... values) {
    PYBIND11_CONSTINIT static py::gil_safe_call_once_and_store<py::tuple> stored;
    const py::object& kind = python_class<"xproj_fast.arrays", name>();
    const py::tuple& names =
        stored.call_once_and_store_result([&] { return py::tuple(kind.attr("__match_args__")); }).get_stored();
    auto* type = reinterpret_cast<PyTypeObject*>(kind.ptr());
    const auto made = py::reinterpret_steal<py::object>(type->tp_alloc(type, 0));
    if (!made) throw py::error_already_set();
    py::size_t i = 0;
    const auto set = [&](const py::object& value) {
        if (PyObject_GenericSetAttr(made.ptr(), names[i++].ptr(), value.ptr()) != 0) throw py::error_already_set();
    };
    const auto freeze = [](const py::array& array) {
        py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
    };
    (freeze(values), ...);
    (set(values), ...);
    while (i < names.size()) set(py::none());
    return made;
}

}  // namespace xproj::bindings

namespace pybind11::detail {

template <class Record>
struct record_caster {
    template <class>
    using cast_op_type = const Record&;

    bool load(handle source, bool) {
        fields_.emplace(type_caster<Record>::name.text, source);
        record_.emplace(xproj::bindings::read<Record>(*fields_));
        return true;
    }
    operator const Record&() const { return *record_; }

  private:
    std::optional<xproj::bindings::Fields> fields_;
    std::optional<Record> record_;
};

template <>
struct type_caster<xproj::Spans> : record_caster<xproj::Spans> {
    static constexpr auto name = const_name("Spans");
};
template <>
struct type_caster<xproj::Links> : record_caster<xproj::Links> {
    static constexpr auto name = const_name("Links");
};
template <>
struct type_caster<xproj::Pieces> : record_caster<xproj::Pieces> {
    static constexpr auto name = const_name("Pieces");
};
template <>
struct type_caster<xproj::WordShapes> : record_caster<xproj::WordShapes> {
    static constexpr auto name = const_name("WordShapes");
};
template <>
struct type_caster<xproj::bindings::PairScores> : record_caster<xproj::bindings::PairScores> {
    static constexpr auto name = const_name("PairScores");
};
template <>
struct type_caster<xproj::bindings::WordProbabilities> : record_caster<xproj::bindings::WordProbabilities> {
    static constexpr auto name = const_name("WordProbabilities");
};
template <>
struct type_caster<xproj::NerRules> : record_caster<xproj::NerRules> {
    static constexpr auto name = const_name("NerRules");
};
template <>
struct type_caster<xproj::HeuristicOptions> : record_caster<xproj::HeuristicOptions> {
    static constexpr auto name = const_name("HeuristicOptions");
};
template <>
struct type_caster<xproj::ExtractionOptions> : record_caster<xproj::ExtractionOptions> {
    static constexpr auto name = const_name("ExtractionOptions");
};
template <>
struct type_caster<xproj::LinkText> : record_caster<xproj::LinkText> {
    static constexpr auto name = const_name("LinkText");
};
template <>
struct type_caster<xproj::KnownLinks> : record_caster<xproj::KnownLinks> {
    static constexpr auto name = const_name("LinkCounts");
};
template <>
struct type_caster<xproj::SamplerSettings> : record_caster<xproj::SamplerSettings> {
    static constexpr auto name = const_name("SamplerSettings");
};

}  // namespace pybind11::detail
