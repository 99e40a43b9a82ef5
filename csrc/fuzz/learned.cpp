// The learned features of any candidates against plain loops.
#include <cmath>
#include <set>
#include <utility>

#include "fuzz/batch.hpp"
#include "xproj/learned_scores.hpp"

using namespace xproj;

namespace {

constexpr Index kWords = 9;

using Codes = std::vector<Index>;

struct Words {
    std::vector<Offset> code_offsets{0};
    Codes codes;
    std::vector<std::uint8_t> flags;
    std::vector<Index> source, target;

    WordShapes shapes(View<Offset> offsets, View<Index> ids) const {
        return {offsets, ids, code_offsets, codes, flags};
    }
};

// Few letters, and one type that is long.
Words draw_words(fuzz::Data& data, const fuzz::Batch& batch) {
    constexpr int kTypes = 8;
    Words words;
    for (int t = 0; t < kTypes; ++t) {
        const int letters = t == 0 ? 70 : data.number(0, 4);
        for (int i = 0; i < letters; ++i) words.codes.push_back(t == 0 ? 'a' + i % 2 : data.number('a', 'c'));
        words.code_offsets.push_back(static_cast<Offset>(words.codes.size()));
        words.flags.push_back(static_cast<std::uint8_t>(data.number(0, 7)));
    }
    for (Offset w = 0; w < batch.source_offsets.back(); ++w) words.source.push_back(data.number(0, kTypes - 1));
    for (Offset w = 0; w < batch.target_offsets.back(); ++w) words.target.push_back(data.number(0, kTypes - 1));
    return words;
}

// One sentence pair and one of its entities.
struct Plain {
    const Words& words;
    View<Index> source, target;
    std::set<std::pair<Index, Index>> links;
    Index i, j;

    Index m() const { return j - i; }
    bool own(Index source_word) const { return i <= source_word && source_word < j; }

    template <class Wanted>
    double count(Wanted&& wanted) const {
        return static_cast<double>(std::count_if(links.begin(), links.end(), wanted));
    }
    double linked() const {
        return count([&](auto link) { return own(link.first); });
    }
    double inside(Index s, Index e) const {
        return count([&](auto link) { return own(link.first) && s <= link.second && link.second < e; });
    }
    double alignment(Index s, Index e) const { return 2 * inside(s, e) / (m() + e - s); }
    bool aligned(Index word) const {
        return count([&](auto link) { return link.second == word; }) > 0;
    }
    float unaligned(Index word) const { return word >= 0 && word < size() && !aligned(word) ? 1.0F : 0.0F; }
    Index size() const { return static_cast<Index>(target.size()); }
    Index hull_start() const {
        Index least = size();
        for (const auto& [a, b] : links) least = own(a) ? std::min(least, b) : least;
        return least;
    }
    Index hull_end() const {
        Index most = 0;
        for (const auto& [a, b] : links) most = own(a) ? std::max(most, b + 1) : most;
        return most;
    }
    bool in_window(Index s, Index e) const {
        if (linked() == 0) return e - s <= std::min(4, m() + 1);
        return hull_start() - 3 <= s && e <= hull_end() + 3;
    }

    bool flag(View<Index> ids, Index word, int bit) const { return words.flags[at(ids[at(word)])] & bit; }
    float capital(Index word) const {
        return word >= 0 && word < size() && flag(target, word, WordShapes::capital) ? 1.0F : 0.0F;
    }
    float punctuation(Index word) const {
        return word < 0 || word >= size() || flag(target, word, WordShapes::punctuation) ? 1.0F : 0.0F;
    }
    double lower(View<Index> ids, Index a, Index b) const {
        double found = 0;
        for (Index w = a; w < b; ++w) found += flag(ids, w, WordShapes::lower);
        return found / (b - a);
    }
    Codes text(View<Index> ids, Index a, Index b) const {
        Codes out;
        for (Index w = a; w < b; ++w) {
            if (w > a) out.push_back(' ');
            for (Offset c = words.code_offsets[at(ids[at(w)])]; c < words.code_offsets[at(ids[at(w)]) + 1]; ++c) {
                out.push_back(words.codes[at(c)]);
            }
        }
        return out;
    }
    double similarity(Index s, Index e) const {
        const Codes a = text(source, i, j);
        const Codes b = text(target, s, e);
        if (a.empty() || b.empty()) return 0;
        std::vector<std::vector<Index>> table(a.size() + 1, std::vector<Index>(b.size() + 1));
        for (std::size_t x = 0; x <= a.size(); ++x) {
            for (std::size_t y = 0; y <= b.size(); ++y) {
                if (x == 0 || y == 0) {
                    table[x][y] = static_cast<Index>(x + y);
                } else {
                    table[x][y] = std::min(
                        {table[x - 1][y] + 1, table[x][y - 1] + 1, table[x - 1][y - 1] + (a[x - 1] != b[y - 1])});
                }
            }
        }
        return 1 - table[a.size()][b.size()] / static_cast<double>(std::max(a.size(), b.size()));
    }

    bool keeps(Index s, Index e) const {
        if (!in_window(s, e)) return false;
        const double alike = similarity(s, e);
        return inside(s, e) > 0 || alike >= 0.5 || (linked() == 0 && alike > 0.2);
    }

    std::vector<double> features(Index s, Index e, double best) const {
        const double n = e - s;
        const double al = alignment(s, e);
        const double alike = similarity(s, e);
        const bool has_links = linked() > 0;
        std::set<Index> sources, targets;
        for (const auto& [a, b] : links) {
            if (!own(a) || b < s || b >= e) continue;
            sources.insert(a);
            targets.insert(b);
        }
        double alone = 0;
        for (Index w = s; w < e; ++w) alone += static_cast<double>(unaligned(w));
        const double others = count([&](auto link) { return !own(link.first) && s <= link.second && link.second < e; });
        const auto capital_of_source = [&](Index w) { return flag(source, w, WordShapes::capital) ? 1.0 : 0.0; };
        std::vector<double> out{al,
                                static_cast<double>(sources.size()) / m(),
                                static_cast<double>(targets.size()) / n,
                                others / n,
                                (linked() - inside(s, e)) / m(),
                                alike,
                                alike == 1.0 ? 1.0 : 0.0,
                                std::abs(std::log(n / m())),
                                std::log(n / m()),
                                e - s == m() ? 1.0 : 0.0,
                                std::min(n, 6.0),
                                std::min<double>(m(), 6.0)};
        const auto add = [&](auto... values) { (out.push_back(static_cast<double>(values)), ...); };
        add(capital(s) - capital_of_source(i), capital(e - 1) - capital_of_source(j - 1));
        add(capital(s), capital(e - 1), capital(s - 1), capital(e), lower(target, s, e) - lower(source, i, j));
        add(punctuation(s), punctuation(e - 1), punctuation(s - 1), punctuation(e));
        add(al - best, al > 0 && al == best);
        add(has_links && s == hull_start(), has_links && e == hull_end());
        add(has_links ? std::clamp(s - hull_start(), -3, 3) : 0, has_links ? std::clamp(e - hull_end(), -3, 3) : 0);
        add(unaligned(s), unaligned(e - 1), alone / n, unaligned(s - 1), unaligned(e));
        return out;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Data data(bytes, size);
    const fuzz::Batch batch = fuzz::draw_batch(data, {2, kWords, 3, 9});
    const Words words = draw_words(data, batch);
    const fuzz::Candidates candidates = fuzz::draw_candidates(data, batch, kWords);
    const LearnedRows found =
        learned_rows(words.shapes(batch.source_offsets, words.source), words.shapes(batch.target_offsets, words.target),
                     batch.entities(), batch.links(), candidates.spans(), candidates.score_offsets, 1);
    std::size_t next = 0;
    Offset position = 0;
    for (std::size_t s = 0; s < batch.sentences(); ++s) {
        const auto of_sentence = [&](const std::vector<Index>& ids, const std::vector<Offset>& offsets) {
            return View<Index>(ids).subspan(at(offsets[s]), at(offsets[s + 1] - offsets[s]));
        };
        std::set<std::pair<Index, Index>> links;
        for (std::size_t l = at(batch.link_offsets[s]); l < at(batch.link_offsets[s + 1]); ++l) {
            links.emplace(batch.link_source[l], batch.link_target[l]);
        }
        for (std::size_t e = at(batch.entity_offsets[s]); e < at(batch.entity_offsets[s + 1]); ++e) {
            const Plain plain{words,
                              of_sentence(words.source, batch.source_offsets),
                              of_sentence(words.target, batch.target_offsets),
                              links,
                              batch.entity_start[e],
                              batch.entity_end[e]};
            double best = 0;
            for (std::size_t t = at(candidates.offsets[s]); t < at(candidates.offsets[s + 1]); ++t) {
                if (!plain.in_window(candidates.start[t], candidates.end[t])) continue;
                best = std::max(best, plain.alignment(candidates.start[t], candidates.end[t]));
            }
            for (std::size_t t = at(candidates.offsets[s]); t < at(candidates.offsets[s + 1]); ++t, ++position) {
                if (!plain.keeps(candidates.start[t], candidates.end[t])) continue;
                REQUIRE(next < found.position.size() && found.position[next] == position);
                const std::vector<double> expected = plain.features(candidates.start[t], candidates.end[t], best);
                REQUIRE(expected.size() == kLearnedFeatures);
                for (std::size_t f = 0; f < kLearnedFeatures; ++f) {
                    const auto got = static_cast<double>(found.features[next * kLearnedFeatures + f]);
                    REQUIRE(std::abs(got - expected[f]) <= 1e-6);
                }
                ++next;
            }
        }
    }
    REQUIRE(next == found.position.size());
    return 0;
}
