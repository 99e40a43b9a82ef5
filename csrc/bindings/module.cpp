// Table of contents of xproj_fast._core.
#include "arrays.hpp"
#include "xproj/limits.hpp"
#include "xproj/poll.hpp"
#include "xproj/text.hpp"

namespace xproj::bindings {

void bind_alignment(py::module_& m);
void bind_arrow(py::module_& m);
void bind_candidates(py::module_& m);
void bind_checks(py::module_& m);
void bind_learned(py::module_& m);
void bind_learning(py::module_& m);
void bind_link_sampler(py::module_& m);
void bind_lists(py::module_& m);
void bind_matchers(py::module_& m);
void bind_scores(py::module_& m);
void bind_tags(py::module_& m);
void bind_text(py::module_& m);
void bind_word_lists(py::module_& m);

}  // namespace xproj::bindings

namespace {

// What a kernel does every now and then on its caller's thread: lets the handlers of signals run, Ctrl-C's among them.
void look_for_signals() {
    const pybind11::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
}

}  // namespace

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
    xproj::interrupt_check = &look_for_signals;
    m.attr("MOST_IN_SENTENCE") = xproj::kMostInSentence;
    m.attr("MOST_BLOCK_BYTES") = xproj::kMostBlockBytes;
    bind_checks(m);
    bind_candidates(m);
    bind_scores(m);
    bind_learned(m);
    bind_learning(m);
    bind_matchers(m);
    bind_alignment(m);
    bind_arrow(m);
    bind_link_sampler(m);
    bind_tags(m);
    bind_lists(m);
    bind_word_lists(m);
    bind_text(m);
}
