// What a score is learnt from, and the weights learnt.
#include "records.hpp"
#include "xproj/logistic.hpp"
#include "xproj/silver.hpp"

namespace xproj::bindings {
namespace {

py::object silver(const WordShapes& source, View<Offset> target_offsets, const Spans& entities, const Links& links,
                  Offset most, std::uint64_t seed) {
    Silver found;
    {
        const py::gil_scoped_release no_gil;
        found = find_silver(source, target_offsets, entities, links, most, seed);
    }
    return python_class<"xproj_fast.kernels.protocol", "Silver">()(
        to_numpy(std::move(found.sentence)),
        make_record<"Spans">(to_numpy(std::move(found.entity_offsets)), to_numpy(std::move(found.start)),
                             to_numpy(std::move(found.end))),
        to_numpy(std::move(found.target_start)), to_numpy(std::move(found.target_end)),
        make_record<"Links">(to_numpy(std::move(found.link_offsets)), to_numpy(std::move(found.source)),
                             to_numpy(std::move(found.target))));
}

Array<double> fitted(const Array<float>& features, View<std::uint8_t> right, double l2, int steps, int threads) {
    if (features.ndim() != 2 || static_cast<std::size_t>(features.shape(0)) != right.size()) {
        throw py::index_error("expected one row of features for each of " + std::to_string(right.size()) + " labels");
    }
    std::vector<double> weights;
    {
        const py::gil_scoped_release no_gil;
        weights =
            fit_logistic({view(features), static_cast<std::size_t>(features.shape(1)), right}, l2, steps, threads);
    }
    return to_numpy(std::move(weights));
}

}  // namespace

void bind_learning(py::module_& m) {
    m.def("learned_silver", &silver, py::arg("source"), py::arg("target_offsets"), py::arg("entities"),
          py::arg("links"), py::arg("most"), py::arg("seed"));
    m.def("fit_logistic", &fitted, py::arg("features").noconvert(), py::arg("right"), py::arg("l2"), py::arg("steps"),
          py::arg("threads"));
}

}  // namespace xproj::bindings
