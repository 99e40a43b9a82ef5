// Table of contents of xproj_fast._core.
#include "arrays.hpp"
#include "xproj/limits.hpp"
#include "xproj/text.hpp"

PYBIND11_MODULE(_core, m) {
    using namespace xproj::bindings;
    m.doc() = "Compiled kernels of xproj_fast; use them through xproj_fast.kernels.";
    static py::exception<xproj::TextError> text_error(m, "TextError", PyExc_ValueError);
    py::register_exception_translator([](std::exception_ptr p) {
        try {
            if (p) std::rethrow_exception(p);
        } catch (const xproj::TextError& e) {
            const py::object args =
                py::make_tuple(e.line(), py::str(py::bytes(e.what()).attr("decode")("utf-8", "replace")));
            PyErr_SetObject(text_error.ptr(), args.ptr());
        }
    });
    m.attr("MOST_IN_SENTENCE") = xproj::kMostInSentence;
    m.attr("MOST_BLOCK_BYTES") = xproj::kMostBlockBytes;
    bind_alignment(m);
    bind_candidates(m);
    bind_matchers(m);
    bind_scores(m);
    bind_text(m);
    bind_lists(m);
}
