// Python lists, read item by item through the raw C API: pybind11's automatic casters cost six times as much.
//
// A fault is a ListError(sentence, item, what was expected, the object found); Python adds the field's name.
#pragma once

#include <algorithm>
#include <cstring>
#include <limits>

#include "arrays.hpp"
#if PY_VERSION_HEX < 0x030B0000
#include <longintrepr.h>
#endif

namespace xproj::bindings {

// Objects may run code of their own: an index its __index__, a key of a dict its __eq__, anything iterable its
// __iter__, whatever is freed its __del__. That code may change or clear the very lists that are being read. So a list
// is read item by item from where its items are now, and what is used across such a call is owned.

inline py::object owned(PyObject* object) {
    return py::reinterpret_borrow<py::object>(object);
}

// Thrown with the Python error already set.
[[noreturn]] inline void fail(Py_ssize_t sentence, Py_ssize_t item, const char* expected, PyObject* got) {
    const py::object shown = owned(got);
    if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_Exception)) throw py::error_already_set();  // Ctrl-C, say
    PyErr_Clear();
    const py::object error = py::module_::import("xproj_fast._core").attr("ListError");
    const py::object args = py::make_tuple(sentence, item, expected, shown);
    PyErr_SetObject(error.ptr(), args.ptr());
    throw py::error_already_set();
}

inline bool is_list_or_tuple(PyObject* object) {
    return PyList_Check(object) || PyTuple_Check(object);
}

// The items of a list or tuple as it is, of anything else iterable as a new list.
// Strings are refused: a sentence given as one string would silently become one word per character.
class Items {
  public:
    Items(PyObject* object, Py_ssize_t sentence, Py_ssize_t item, const char* expected)
        : list_(owned(object)), sentence_(sentence), item_(item) {
        if (!is_list_or_tuple(object)) {
            if (PyUnicode_Check(object) || PyBytes_Check(object)) fail(sentence, item, expected, object);
            py::object read = py::reinterpret_steal<py::object>(PySequence_Fast(object, ""));
            if (!read) fail(sentence, item, expected, object);
            list_ = std::move(read);
        }
        tuple_ = PySequence_Fast_ITEMS(list_.ptr());
        items_ = PyList_Check(list_.ptr()) ? &reinterpret_cast<PyListObject*>(list_.ptr())->ob_item : &tuple_;
        size_ = Py_SIZE(list_.ptr());
    }
    Items(const Items&) = delete;
    Items& operator=(const Items&) = delete;

    Py_ssize_t size() const { return size_; }

    // Borrowed: to be owned by whoever lets code run.
    PyObject* operator[](Py_ssize_t i) const {
        check_unchanged();
        return (*items_)[i];
    }

    // Room was made for the items there were, and none may be passed over.
    void check_unchanged() const {
        if (Py_SIZE(list_.ptr()) != size_) {
            fail(sentence_, item_, "a list that keeps its length while it is read", list_.ptr());
        }
    }

  private:
    py::object list_;
    Py_ssize_t sentence_;
    Py_ssize_t item_;
    PyObject** tuple_;   // a tuple's items stay where they are
    PyObject*** items_;  // where to find a list's, which move
    Py_ssize_t size_;
};

// About how many items all sentences have: only lists and tuples are asked, as others would run code, and may lie.
inline std::size_t count_items(const Items& sentences) {
    std::size_t count = 0;
    for (Py_ssize_t s = 0; s < sentences.size(); ++s) {
        if (is_list_or_tuple(sentences[s])) count += static_cast<std::size_t>(Py_SIZE(sentences[s]));
    }
    return count;
}

// Words and links are small objects all over the heap, and a corpus of them is larger than the caches: asking for the
// lists of sentences to come, then for their items, then for the objects, hides most of the wait.
inline void prefetch_sentences_after(const Items& sentences, Py_ssize_t s) {
    const Py_ssize_t last = sentences.size() - 1;
    if (s + 6 <= last) __builtin_prefetch(sentences[s + 6]);
    if (s + 4 <= last && PyList_CheckExact(sentences[s + 4])) {
        PyObject** items = PySequence_Fast_ITEMS(sentences[s + 4]);
        __builtin_prefetch(items);
        __builtin_prefetch(items + 8);
    }
    if (s + 2 > last || !PyList_CheckExact(sentences[s + 2])) return;
    PyObject** items = PySequence_Fast_ITEMS(sentences[s + 2]);
    const Py_ssize_t count = std::min<Py_ssize_t>(PyList_GET_SIZE(sentences[s + 2]), 64);
    for (Py_ssize_t i = 0; i < count; ++i) __builtin_prefetch(items[i]);
}

inline bool fits(Py_ssize_t value) {
    return value >= std::numeric_limits<Index>::min() && value <= std::numeric_limits<Index>::max();
}

// The value of an int of one internal digit, as nearly all word indices are, without a call; else false.
inline bool small_int(PyObject* object, Py_ssize_t& value) {
    if (!PyLong_CheckExact(object)) return false;
    const auto* number = reinterpret_cast<const PyLongObject*>(object);
#if PY_VERSION_HEX >= 0x030C0000
    if (!PyUnstable_Long_IsCompact(number)) return false;
    value = PyUnstable_Long_CompactValue(number);
#else
    const Py_ssize_t digits = Py_SIZE(object);
    if (digits != 0 && digits != 1) return false;
    value = digits == 0 ? 0 : static_cast<Py_ssize_t>(number->ob_digit[0]);
#endif
    return true;
}

// The first two values of a tuple of so many, where they are such ints: nearly all links and entities. No code runs, so
// nothing need be owned.
inline bool small_pair(PyObject* object, Py_ssize_t size, Py_ssize_t& first, Py_ssize_t& second) {
    return PyTuple_CheckExact(object) && PyTuple_GET_SIZE(object) == size &&
           small_int(PyTuple_GET_ITEM(object, 0), first) && small_int(PyTuple_GET_ITEM(object, 1), second) &&
           fits(first) && fits(second);
}

inline Index index_of(PyObject* object, Py_ssize_t sentence, Py_ssize_t item, const char* expected, PyObject* shown) {
    Py_ssize_t value = 0;
    if (!small_int(object, value)) {
        // bool is an int to Python, and a float would be cut: neither is a word index.
        if (PyBool_Check(object) || !PyIndex_Check(object)) fail(sentence, item, expected, shown);
        const py::object held = owned(object);
        value = PyNumber_AsSsize_t(object, nullptr);
        if (value == -1 && PyErr_Occurred()) fail(sentence, item, expected, shown);
    }
    if (!fits(value)) fail(sentence, item, expected, shown);
    return static_cast<Index>(value);
}

// Values appended without a check each: room is made once a sentence. Not a vector, which would write zeros first.
template <class T>
class Appender {
  public:
    explicit Appender(std::size_t capacity) { grow(capacity); }

    void make_room(std::size_t count) {
        if (size_ + count > capacity_) grow((size_ + count) * 3 / 2);
    }
    void push(T value) { values_[size_++] = value; }
    T* next() { return values_.get() + size_; }
    void advance(std::size_t count) { size_ += count; }
    std::size_t size() const { return size_; }
    const T* data() const { return values_.get(); }
    Array<T> to_array() && { return to_numpy(std::move(values_), size_); }

  private:
    void grow(std::size_t capacity) {
        std::unique_ptr<T[]> larger(new T[capacity]);
        if (size_) std::memcpy(larger.get(), values_.get(), size_ * sizeof(T));
        values_ = std::move(larger);
        capacity_ = capacity;
    }

    std::unique_ptr<T[]> values_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace xproj::bindings
