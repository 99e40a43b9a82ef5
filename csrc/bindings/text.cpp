// Text in, columnar arrays out, and back.
#include "records.hpp"
#include "xproj/conll.hpp"
#include "xproj/pharaoh.hpp"
#include "xproj/words.hpp"

namespace xproj::bindings {
namespace {

// Block slices come as memoryviews so that a reader can go on behind what was consumed without copying.
std::string_view text_of(const py::buffer_info& info) {
    if (info.itemsize != 1 || info.ndim != 1 || info.strides[0] != 1)
        throw py::type_error("expected bytes side by side");
    return {static_cast<const char*>(info.ptr), static_cast<std::size_t>(info.size)};
}

// sentence_offsets, byte_offsets (int32), bytes, consumed bytes, consumed lines
py::tuple words_tuple(WordBlock&& block) {
    return py::make_tuple(to_numpy(std::move(block.sentence_offsets)), to_numpy(std::move(block.byte_offsets)),
                          py::bytes(block.bytes), block.consumed, block.consumed_lines);
}

py::tuple word_lines(const py::buffer& text, bool at_end_of_file, std::size_t max_sentences) {
    const py::buffer_info info = text.request();
    WordBlock block;
    {
        py::gil_scoped_release no_gil;
        block = read_word_lines(text_of(info), at_end_of_file, max_sentences);
    }
    return words_tuple(std::move(block));
}

py::tuple conll(const py::buffer& text, bool at_end_of_file, std::size_t max_sentences, char separator, int word_column,
                int tag_column, bool tags, bool skip_docstart, bool empty_sentences, int columns) {
    const py::buffer_info info = text.request();
    const ConllOptions options{separator, word_column, tag_column, tags, skip_docstart, empty_sentences, columns};
    ConllBlock block;
    {
        py::gil_scoped_release no_gil;
        block = read_conll(text_of(info), at_end_of_file, max_sentences, options);
    }
    return py::make_tuple(words_tuple(std::move(block.words)), to_numpy(std::move(block.tags)), block.tag_names,
                          to_numpy(std::move(block.lines)), block.docstarts, block.comments, block.ranges,
                          block.columns);
}

py::tuple pharaoh(const py::buffer& text, bool at_end_of_file, std::size_t max_sentences, bool probabilities,
                  float min_probability, int possible) {
    const py::buffer_info info = text.request();
    const PharaohOptions options{probabilities, min_probability, static_cast<PharaohOptions::Possible>(possible)};
    PharaohBlock block;
    {
        py::gil_scoped_release no_gil;
        block = read_pharaoh(text_of(info), at_end_of_file, max_sentences, options);
    }
    return py::make_tuple(to_numpy(std::move(block.offsets)), to_numpy(std::move(block.source), block.links),
                          to_numpy(std::move(block.target), block.links), block.consumed, block.consumed_lines);
}

template <class ByteOffset>
Array<std::uint8_t> stop_words(View<ByteOffset> byte_offsets, const py::buffer& bytes,
                               const std::vector<std::string>& words) {
    const py::buffer_info info = bytes.request();
    auto is_stop = allocate<std::uint8_t>(byte_offsets.size() - 1);
    mark_stop_words(byte_offsets, static_cast<const char*>(info.ptr), words, is_stop.mutable_data());
    return is_stop;
}

template <class ByteOffset>
py::bytes conll_text(View<Offset> sentence_offsets, View<ByteOffset> byte_offsets, const py::buffer& bytes,
                     View<Index> tags, const std::vector<std::string>& tag_names) {
    const py::buffer_info info = bytes.request();
    std::string text;
    {
        py::gil_scoped_release no_gil;
        text = write_conll(sentence_offsets, byte_offsets, static_cast<const char*>(info.ptr), tags, tag_names);
    }
    return text;
}

py::bytes pharaoh_text(const Links& links) {
    return write_pharaoh(links);
}

}  // namespace

void bind_text(py::module_& m) {
    m.def("read_word_lines", &word_lines, py::arg("text"), py::arg("at_end_of_file"), py::arg("max_sentences"));
    m.def("read_conll", &conll, py::arg("text"), py::arg("at_end_of_file"), py::arg("max_sentences"),
          py::arg("separator"), py::arg("word_column"), py::arg("tag_column"), py::arg("tags"),
          py::arg("skip_docstart"), py::arg("empty_sentences"), py::arg("columns"));
    m.def("read_pharaoh", &pharaoh, py::arg("text"), py::arg("at_end_of_file"), py::arg("max_sentences"),
          py::arg("probabilities"), py::arg("min_probability"), py::arg("possible"));
    m.def("mark_stop_words", &stop_words<std::int32_t>, py::arg("byte_offsets"), py::arg("bytes"),
          py::arg("stop_words"));
    m.def("mark_stop_words", &stop_words<std::int64_t>, py::arg("byte_offsets"), py::arg("bytes"),
          py::arg("stop_words"));
    m.def("write_conll", &conll_text<std::int32_t>, py::arg("sentence_offsets"), py::arg("byte_offsets"),
          py::arg("bytes"), py::arg("tags"), py::arg("tag_names"));
    m.def("write_conll", &conll_text<std::int64_t>, py::arg("sentence_offsets"), py::arg("byte_offsets"),
          py::arg("bytes"), py::arg("tags"), py::arg("tag_names"));
    m.def("write_pharaoh", &pharaoh_text, py::arg("links"));
}

}  // namespace xproj::bindings
