// Lists of links and entities to columns.
#include <string>
#include <unordered_map>

#include "list_items.hpp"
#include "records.hpp"

namespace xproj::bindings {
namespace {

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

}  // namespace

void bind_lists(py::module_& m) {
    m.attr("ListError") =
        py::reinterpret_steal<py::object>(PyErr_NewException("xproj_fast._core.ListError", PyExc_ValueError, nullptr));
    m.def("links_from_lists", &links_from_lists, py::arg("sentences"));
    m.def("entities_from_lists", &entities_from_lists, py::arg("sentences"), py::arg("known_labels"));
}

}  // namespace xproj::bindings
