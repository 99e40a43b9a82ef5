// Python lists to columnar arrays through the raw C API: pybind11's automatic casters cost six times as much.
//
// A fault is a ListError(sentence, item, what was expected, the object found); Python adds the field's name.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

#include "records.hpp"
#if PY_VERSION_HEX < 0x030B0000
#include <longintrepr.h>
#endif

namespace xproj::bindings {
namespace {

// Objects may run code of their own: an index its __index__, a key of a dict its __eq__, anything iterable its
// __iter__, whatever is freed its __del__. That code may change or clear the very lists that are being read. So a list
// is read item by item from where its items are now, and what is used across such a call is owned.

py::object owned(PyObject* object) {
    return py::reinterpret_borrow<py::object>(object);
}

// Thrown with the Python error already set.
[[noreturn]] void fail(Py_ssize_t sentence, Py_ssize_t item, const char* expected, PyObject* got) {
    const py::object shown = owned(got);
    if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_Exception)) throw py::error_already_set();  // Ctrl-C, say
    PyErr_Clear();
    const py::object error = py::module_::import("xproj_fast._core").attr("ListError");
    const py::object args = py::make_tuple(sentence, item, expected, shown);
    PyErr_SetObject(error.ptr(), args.ptr());
    throw py::error_already_set();
}

bool is_list_or_tuple(PyObject* object) {
    return PyList_Check(object) || PyTuple_Check(object);
}

// The items of a list or tuple as it is, of anything else iterable as a new list.
// Strings are refused: a sentence given as one string would silently become one word a character.
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
std::size_t count_items(const Items& sentences) {
    std::size_t count = 0;
    for (Py_ssize_t s = 0; s < sentences.size(); ++s) {
        if (is_list_or_tuple(sentences[s])) count += static_cast<std::size_t>(Py_SIZE(sentences[s]));
    }
    return count;
}

// Words and links are small objects all over the heap, and a corpus of them is larger than the caches: asking for the
// lists of sentences to come, then for their items, then for the objects, hides most of the wait.
void prefetch_sentences_after(const Items& sentences, Py_ssize_t s) {
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

bool fits(Py_ssize_t value) {
    return value >= std::numeric_limits<Index>::min() && value <= std::numeric_limits<Index>::max();
}

// The value of an int of one internal digit, as nearly all word indices are, without a call; else false.
bool small_int(PyObject* object, Py_ssize_t& value) {
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
bool small_pair(PyObject* object, Py_ssize_t size, Py_ssize_t& first, Py_ssize_t& second) {
    return PyTuple_CheckExact(object) && PyTuple_GET_SIZE(object) == size &&
           small_int(PyTuple_GET_ITEM(object, 0), first) && small_int(PyTuple_GET_ITEM(object, 1), second) &&
           fits(first) && fits(second);
}

Index index_of(PyObject* object, Py_ssize_t sentence, Py_ssize_t item, const char* expected, PyObject* shown) {
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

py::object links_from_lists(const py::object& sentences) {
    const char* expected = "a list of (source, target) word index pairs";
    const char* pair_expected = "a (source, target) pair of word indices";
    const Items all(sentences.ptr(), -1, -1, expected);
    const std::size_t count = count_items(all);
    std::vector<Offset> offsets{0};
    Appender<Index> source(count + 1);
    Appender<Index> target(count + 1);
    offsets.reserve(static_cast<std::size_t>(all.size()) + 1);
    for (Py_ssize_t s = 0; s < all.size(); ++s) {
        prefetch_sentences_after(all, s);
        const Items links(all[s], s, -1, expected);
        source.make_room(static_cast<std::size_t>(links.size()));
        target.make_room(static_cast<std::size_t>(links.size()));
        for (Py_ssize_t l = 0; l < links.size(); ++l) {
            Py_ssize_t from = 0;
            Py_ssize_t to = 0;
            if (small_pair(links[l], 2, from, to)) {
                source.push(static_cast<Index>(from));
                target.push(static_cast<Index>(to));
                continue;
            }
            const py::object link = owned(links[l]);
            const Items pair(link.ptr(), s, l, pair_expected);
            if (pair.size() != 2) fail(s, l, pair_expected, link.ptr());
            source.push(index_of(pair[0], s, l, pair_expected, link.ptr()));
            target.push(index_of(pair[1], s, l, pair_expected, link.ptr()));
        }
        links.check_unchanged();
        offsets.push_back(static_cast<Offset>(source.size()));
    }
    all.check_unchanged();
    return make_record<"Links">(to_numpy(std::move(offsets)), std::move(source).to_array(),
                                std::move(target).to_array());
}

// Ids of labels in order of first appearance, or of a given list. Interned strings are found by address
// first.
class LabelIds {
  public:
    explicit LabelIds(const py::list& known) : names_(known) {
        for (const py::handle name : known) ids_.emplace(name.cast<std::string>(), static_cast<Index>(ids_.size()));
        closed_ = !known.empty();
    }

    Index id(PyObject* label, Py_ssize_t sentence, Py_ssize_t item, PyObject* shown) {
        if (label == last_) return last_id_;
        if (const auto seen = by_address_.find(label); seen != by_address_.end()) return seen->second;
        const py::object held = owned(shown);  // and with it the label: see utf8_of
        Py_ssize_t size = 0;
        const char* text = PyUnicode_Check(label) ? PyUnicode_AsUTF8AndSize(label, &size) : nullptr;
        if (!text || size == 0)
            fail(sentence, item, "an entity (start, end, label) with a non-empty string label", shown);
        auto [entry, added] =
            ids_.try_emplace(std::string(text, static_cast<std::size_t>(size)), static_cast<Index>(ids_.size()));
        if (added && closed_) fail(sentence, item, "an entity whose label is one of `labels`", shown);
        if (added) names_.append(py::reinterpret_borrow<py::object>(label));
        if (by_address_.size() < kMaxAddresses) {
            // An address is a key only while its object lives.
            kept_.append(py::reinterpret_borrow<py::object>(label));
            by_address_.emplace(label, entry->second);
            last_ = label;
            last_id_ = entry->second;
        }
        return entry->second;
    }

    py::list names() const { return names_; }

  private:
    py::list names_;
    py::list kept_;
    std::unordered_map<std::string, Index> ids_;
    static constexpr std::size_t kMaxAddresses = 1024;  // labels are few objects, or a new one each time
    std::unordered_map<PyObject*, Index> by_address_;
    PyObject* last_ = nullptr;
    Index last_id_ = 0;
    bool closed_ = false;
};

// Entities are (start, end, label) tuples or dicts with these three keys.
py::tuple entities_from_lists(const py::object& sentences, const py::list& known_labels) {
    const char* expected = "a list of (start, end, label) entities";
    const char* entity_expected = "an entity (start, end, label) or {'start': ..., 'end': ..., 'label': ...}";
    const Items all(sentences.ptr(), -1, -1, expected);
    const py::str keys[3] = {py::str("start"), py::str("end"), py::str("label")};
    LabelIds labels{py::reinterpret_steal<py::list>(PySequence_List(known_labels.ptr()))};  // a copy: it grows
    std::vector<Offset> offsets{0};
    std::vector<Index> start;
    std::vector<Index> end;
    std::vector<Index> label;
    offsets.reserve(static_cast<std::size_t>(all.size()) + 1);
    for (Py_ssize_t s = 0; s < all.size(); ++s) {
        const Items entities(all[s], s, -1, expected);
        for (Py_ssize_t e = 0; e < entities.size(); ++e) {
            Py_ssize_t first = 0;
            Py_ssize_t last = 0;
            if (PyObject* triple = entities[e]; small_pair(triple, 3, first, last)) {
                start.push_back(static_cast<Index>(first));
                end.push_back(static_cast<Index>(last));
                label.push_back(labels.id(PyTuple_GET_ITEM(triple, 2), s, e, triple));
                continue;
            }
            const py::object entity = owned(entities[e]);
            py::object fields[3];
            if (PyDict_Check(entity.ptr())) {
                for (std::size_t i = 0; i < 3; ++i) {
                    PyObject* field = PyDict_GetItemWithError(entity.ptr(), keys[i].ptr());
                    if (!field) fail(s, e, entity_expected, entity.ptr());
                    fields[i] = owned(field);
                }
            } else {
                const Items triple(entity.ptr(), s, e, entity_expected);
                if (triple.size() != 3) fail(s, e, entity_expected, entity.ptr());
                for (Py_ssize_t i = 0; i < 3; ++i) fields[i] = owned(triple[i]);
            }
            start.push_back(index_of(fields[0].ptr(), s, e, entity_expected, entity.ptr()));
            end.push_back(index_of(fields[1].ptr(), s, e, entity_expected, entity.ptr()));
            label.push_back(labels.id(fields[2].ptr(), s, e, entity.ptr()));
        }
        entities.check_unchanged();
        offsets.push_back(static_cast<Offset>(start.size()));
    }
    all.check_unchanged();
    return py::make_tuple(make_record<"Entities">(to_numpy(std::move(offsets)), to_numpy(std::move(start)),
                                                  to_numpy(std::move(end)), to_numpy(std::move(label))),
                          labels.names());
}

// Words are short: overlapping loads beat a call of memcpy.
void copy_short(std::uint8_t* to, const char* from, std::size_t size) {
    if (size > 16) {
        std::memcpy(to, from, size);
    } else if (size >= 8) {
        std::memcpy(to, from, 8);
        std::memcpy(to + size - 8, from + size - 8, 8);
    } else if (size >= 4) {
        std::memcpy(to, from, 4);
        std::memcpy(to + size - 4, from + size - 4, 4);
    } else if (size > 0) {
        to[0] = static_cast<std::uint8_t>(from[0]);
        to[size / 2] = static_cast<std::uint8_t>(from[size / 2]);
        to[size - 1] = static_cast<std::uint8_t>(from[size - 1]);
    }
}

// An over-estimate is only address space; an under-estimate costs a copy of everything read so far.
constexpr std::size_t kBytesPerWord = 8;

std::string_view utf8_of(PyObject* word, Py_ssize_t sentence, Py_ssize_t item) {
    if (PyUnicode_Check(word) && PyUnicode_IS_COMPACT_ASCII(word)) {  // its characters are its UTF-8 bytes
        return {static_cast<const char*>(PyUnicode_DATA(word)), static_cast<std::size_t>(PyUnicode_GET_LENGTH(word))};
    }
    const py::object held = owned(word);  // the error below is an object, and making one may run finalizers
    Py_ssize_t size = 0;
    const char* text = PyUnicode_Check(word) ? PyUnicode_AsUTF8AndSize(word, &size) : nullptr;
    if (!text) fail(sentence, item, "a word: a string of valid Unicode", word);
    return {text, static_cast<std::size_t>(size)};
}

// Words to the buffers of an Arrow list<large_string>: sentence offsets, byte offsets, bytes.
py::tuple words_from_lists(const py::object& sentences) {
    const char* expected = "a list of words";
    const Items all(sentences.ptr(), -1, -1, expected);
    std::vector<Offset> offsets{0};
    const std::size_t count = count_items(all);
    Appender<std::int64_t> ends(count + 1);  // byte offsets: 0, then the end of each word
    Appender<std::uint8_t> text(count * kBytesPerWord + 64);
    ends.push(0);
    offsets.reserve(static_cast<std::size_t>(all.size()) + 1);
    for (Py_ssize_t s = 0; s < all.size(); ++s) {
        prefetch_sentences_after(all, s);
        const Items words(all[s], s, -1, expected);
        ends.make_room(static_cast<std::size_t>(words.size()));
        for (Py_ssize_t w = 0; w < words.size(); ++w) {
            const std::string_view word = utf8_of(words[w], s, w);
            text.make_room(word.size());
            copy_short(text.next(), word.data(), word.size());
            text.advance(word.size());
            ends.push(static_cast<std::int64_t>(text.size()));
        }
        words.check_unchanged();
        offsets.push_back(static_cast<Offset>(ends.size()) - 1);
    }
    all.check_unchanged();
    // One look over all bytes instead of one a word.
    if (const void* nul = text.size() ? std::memchr(text.data(), 0, text.size()) : nullptr) {
        const std::int64_t position = static_cast<const std::uint8_t*>(nul) - text.data();
        const auto word = std::upper_bound(ends.data(), ends.data() + ends.size(), position) - ends.data() - 1;
        const auto s = std::upper_bound(offsets.begin(), offsets.end(), word) - offsets.begin() - 1;
        const Py_ssize_t item = word - offsets[static_cast<std::size_t>(s)];
        const char* begin = reinterpret_cast<const char*>(text.data()) + ends.data()[word];
        const py::str shown(begin, static_cast<std::size_t>(ends.data()[word + 1] - ends.data()[word]));
        fail(s, item, "a word without NUL characters", shown.ptr());
    }
    return py::make_tuple(to_numpy(std::move(offsets)), std::move(ends).to_array(), std::move(text).to_array());
}

// list[list[str]] of tags that share one string object a tag.
py::list tags_to_lists(View<Offset> offsets, View<Index> ids, const py::list& tag_names) {
    require_offsets(offsets, ids.size());
    py::list out(offsets.size() - 1);
    for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
        const Offset count = offsets[s + 1] - offsets[s];
        PyObject* sentence = PyList_New(static_cast<Py_ssize_t>(count));
        if (!sentence) throw py::error_already_set();
        PyList_SET_ITEM(out.ptr(), static_cast<Py_ssize_t>(s), sentence);
        for (Offset w = 0; w < count; ++w) {
            const Index id = ids[at(offsets[s] + w)];
            if (id < 0 || id >= PyList_GET_SIZE(tag_names.ptr())) {  // asked anew: making lists may run other code
                throw py::index_error("word " + std::to_string(offsets[s] + w) + ": expected a tag id in [0, " +
                                      std::to_string(PyList_GET_SIZE(tag_names.ptr())) + "), got " +
                                      std::to_string(id));
            }
            PyObject* name = PyList_GET_ITEM(tag_names.ptr(), id);
            PyList_SET_ITEM(sentence, static_cast<Py_ssize_t>(w), Py_NewRef(name));
        }
    }
    return out;
}

}  // namespace

void bind_lists(py::module_& m) {
    m.attr("ListError") =
        py::reinterpret_steal<py::object>(PyErr_NewException("xproj_fast._core.ListError", PyExc_ValueError, nullptr));
    m.def("links_from_lists", &links_from_lists, py::arg("sentences"));
    m.def("entities_from_lists", &entities_from_lists, py::arg("sentences"), py::arg("known_labels"));
    m.def("words_from_lists", &words_from_lists, py::arg("sentences"));
    m.def("tags_to_lists", &tags_to_lists, py::arg("word_offsets"), py::arg("tags"), py::arg("tag_names"));
}

}  // namespace xproj::bindings
