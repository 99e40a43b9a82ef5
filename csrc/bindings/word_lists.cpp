// Lists of words to the buffers of an Arrow list<large_string>, and tags back to lists.
#include <string_view>

#include "list_items.hpp"

namespace xproj::bindings {
namespace {

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
    // One look over all bytes instead of one per word.
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

void bind_word_lists(py::module_& m) {
    m.def("words_from_lists", &words_from_lists, py::arg("sentences"));
    m.def("tags_to_lists", &tags_to_lists, py::arg("word_offsets"), py::arg("tags"), py::arg("tag_names"));
}

}  // namespace xproj::bindings
