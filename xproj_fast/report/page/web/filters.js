// What is shown: the state of the filters, the pairs that pass, and how many each further choice would leave.

const BINS = 20;

// A facet is a list of choices of which none (all pass) or some are taken. Of items, or of whole pairs.
const facets = [
  { key: 'data', name: 'Data', values: data.views, of: (pair) => data.view[pair], pairs: true },
  { key: 'change', name: compared.length > 1 ? `${compared[1].name}, by errors` : '', values: changes ? CHANGES : [],
    of: (pair) => changes[pair], pairs: true },
  { key: 'difference', name: reference ? `Against ${reference.name}` : '', values: reference ? data.differences.map((name) => NOTES[name]) : [],
    of: (item) => items.difference[item] },
  { key: 'outcome', name: 'Source entities', values: entities && entities.outcome ? data.outcomes : [],
    of: (item) => items.outcome[item] },
  { key: 'class', name: 'Class', values: data.labels, of: (item) => items.label[item] },
].filter((facet) => facet.values.length > 1 || (facet.key === 'class' && facet.values.length));
for (const facet of facets) facet.taken = new Set();
const ofPairs = facets.filter((facet) => facet.pairs);
const ofItems = facets.filter((facet) => !facet.pairs);
const hasSure = items.sure.some((sure) => sure !== NONE);

const state = { words: '', low: 0, high: data.sure, order: 'worst', pair: NONE };

let haystacks = null;

function haystack(pair) {
  haystacks ??= Array.from({ length: size }, (_, i) => [
    data.source ? data.source[i] : '', data.target[i], data.id ? data.id[i] : '',
  ].map(plainText).join('\n').toLowerCase());
  return haystacks[pair];
}

const takes = (facet, at) => facet.taken.size === 0 || facet.taken.has(facet.of(at));
const anySure = () => state.low <= 0 && state.high >= data.sure;
// From the lower bound to below the upper, as the bars of the histogram; the last has what is sure, too.
const takesSure = (item) => anySure() || (items.sure[item] !== NONE && items.sure[item] >= state.low
  && (items.sure[item] < state.high || state.high >= data.sure));

const inFile = (a, b) => data.number[a] - data.number[b];
const orders = {
  worst: (found) => found,
  file: (found) => found.sort(inFile),
  best: (found) => found.sort((a, b) => data.certainty[b] - data.certainty[a] || inFile(a, b)),
};

// Returns the pairs that pass in their order, and for each facet and the histogram how many items (or pairs) pass all
// the others.
function filtered() {
  const counts = new Map(facets.map((facet) => [facet, new Int32Array(facet.values.length)]));
  const bins = { right: new Int32Array(BINS), wrong: new Int32Array(BINS) };
  const passes = new Uint8Array(size);
  const words = state.words.trim().toLowerCase();
  const free = anySure() && ofItems.every((facet) => facet.taken.size === 0);
  let spans = 0;
  for (let pair = 0; pair < size; pair += 1) {
    if (words && !haystack(pair).includes(words)) continue;
    const failed = ofPairs.filter((facet) => !takes(facet, pair));
    if (failed.length > 1) continue;
    let some = free;
    for (let item = itemsOf[pair]; item < itemsOf[pair + 1]; item += 1) {
      const sure = takesSure(item);
      let missed = sure ? 0 : 1;
      let by = null;
      for (const facet of ofItems) {
        if (!takes(facet, item)) {
          missed += 1;
          by = facet;
        }
      }
      if (missed === 0) some = true;
      if (failed.length || missed > 1) continue;
      for (const facet of ofItems) {
        const value = facet.of(item);
        if (value !== NONE && (missed === 0 || by === facet)) counts.get(facet)[value] += 1;
      }
      if (items.sure[item] !== NONE && (missed === 0 || !sure)) {
        const bin = Math.min(BINS - 1, Math.floor(items.sure[item] * BINS / data.sure));
        bins[items.difference[item] > RIGHT ? 'wrong' : 'right'][bin] += 1;
      }
      spans += missed === 0;
    }
    if (!some) continue;
    for (const facet of ofPairs) {
      if (failed.length === 0 || failed[0] === facet) counts.get(facet)[facet.of(pair)] += 1;
    }
    if (failed.length === 0) passes[pair] = 1;
  }
  if (state.pair !== NONE) {
    const lone = data.number.indexOf(state.pair);
    return { pairs: lone < 0 ? [] : [lone], counts, bins, spans };
  }
  return { pairs: orders[state.order](data.order.filter((pair) => passes[pair])), counts, bins, spans };
}

function clearFilters() {
  Object.assign(state, { words: '', low: 0, high: data.sure, pair: NONE });
  for (const facet of facets) facet.taken.clear();
}

// The state as the end of the page's address, so that a view can be sent to somebody.
function toHash() {
  const told = new URLSearchParams();
  if (state.pair !== NONE) told.set('pair', state.pair);
  if (state.words) told.set('words', state.words);
  for (const facet of facets) {
    for (const value of facet.taken) told.append(facet.key, facet.values[value]);
  }
  if (!anySure()) told.set('sure', `${state.low / data.sure}-${state.high / data.sure}`);
  if (state.order !== 'worst') told.set('order', state.order);
  return told.size ? `#${told}` : '';
}

function fromHash(hash) {
  const told = new URLSearchParams(hash.slice(1));
  clearFilters();
  state.pair = Number(told.get('pair')) || NONE;
  state.words = told.get('words') ?? '';
  state.order = Object.hasOwn(orders, told.get('order') ?? '') ? told.get('order') : 'worst';
  for (const facet of facets) {
    facet.taken = new Set(told.getAll(facet.key).map((value) => facet.values.indexOf(value)).filter((i) => i >= 0));
  }
  const [low, high] = (told.get('sure') ?? '0-1').split('-').map(Number);
  if (low >= 0 && high <= 1) Object.assign(state, { low: low * data.sure, high: high * data.sure });
}
