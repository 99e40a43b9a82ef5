// The columns that were written into the page, and what one pair has of them.

const data = JSON.parse(document.getElementById('data').textContent);
const size = data.row.length;
const NONE = -1;
const RIGHT = data.differences.indexOf('right');
const MISSING = data.differences.indexOf('missing');
const SPURIOUS = data.differences.indexOf('spurious');
// What differs, in words: from gold labels, or from another output that is no more right than the first.
const NOTES = data.gold
  ? { right: 'right', label: 'class', boundary: 'boundary', both: 'boundary and class', missing: 'missing',
    spurious: 'spurious' }
  : { right: 'the same', label: 'class', boundary: 'boundary', both: 'boundary and class',
    missing: `only in ${data.layers[data.layers.length - 1].name}`, spurious: 'only here' };

function ragged(columns) {
  const offsets = new Int32Array(columns.count.length + 1);
  columns.count.forEach((count, i) => { offsets[i + 1] = offsets[i] + count; });
  return { ...columns, offsets };
}

const entities = data.entities ? ragged(data.entities) : null; // of the source
const links = data.links ? ragged(data.links) : null;
const layers = data.layers.map(ragged);
const first = layers[0];
const reference = data.reference ? layers[layers.length - 1] : null;
const compared = reference ? layers.slice(0, -1) : layers;

function* range(columns, pair) {
  for (let i = columns.offsets[pair]; i < columns.offsets[pair + 1]; i += 1) yield i;
}

// What filters look at: a span, an entity that was not projected, or one that is missing. Columns, as there are many.
const items = { label: [], outcome: [], sure: [], difference: [] };
const itemsOf = new Int32Array(size + 1);

function addItem(label, outcome, sure, difference) {
  items.label.push(label);
  items.outcome.push(outcome);
  items.sure.push(sure);
  items.difference.push(difference);
}

for (let pair = 0; pair < size; pair += 1) {
  const projected = new Set(); // of an entity with several spans the first counts as projected
  for (const i of range(first, pair)) {
    const entity = first.source ? first.source[i] : NONE;
    addItem(first.label[i], entity === NONE || projected.has(entity) ? NONE : 0, first.sure ? first.sure[i] : NONE,
      first.difference ? first.difference[i] : NONE);
    projected.add(entity);
  }
  const missing = reference ? [...range(reference, pair)].filter((i) => reference.difference[i] === MISSING) : [];
  if (entities && entities.outcome) {
    for (const i of range(entities, pair)) {
      if (!entities.outcome[i]) continue;
      // A gold entity of its class that is missing is taken for its translation: one item, not two.
      const place = missing.findIndex((other) => reference.label[other] === entities.label[i]);
      if (place >= 0) missing.splice(place, 1);
      addItem(entities.label[i], entities.outcome[i], NONE, place < 0 ? NONE : MISSING);
    }
  }
  for (const i of missing) addItem(reference.label[i], NONE, NONE, MISSING);
  itemsOf[pair + 1] = items.label.length;
}

// How many errors a layer makes in a pair: what is wrong or spurious, and gold entities that none of these belongs to.
function errorsOf(layer, pair) {
  let [right, spurious] = [0, 0];
  for (const i of range(layer, pair)) {
    right += layer.difference[i] === RIGHT;
    spurious += layer.difference[i] === SPURIOUS;
  }
  return reference.count[pair] - right + spurious;
}

// Where two outputs are compared with gold: what became of the pair in the second.
const CHANGES = ['better', 'worse', 'other errors', 'the same'];

function changeOf(pair) {
  const [before, after] = compared.map((layer) => errorsOf(layer, pair));
  if (before !== after) return after < before ? 0 : 1;
  const [a, b] = compared.map((layer) => JSON.stringify([...range(layer, pair)].map(
    (i) => [layer.start[i], layer.end[i], layer.label[i]])));
  return a === b ? 3 : 2;
}

const changes = compared.length > 1 ? Uint8Array.from({ length: size }, (_, pair) => changeOf(pair)) : null;

const GLUE = '\ue000'; // between two words without a space, see texts.py
const BLANK = '\ue001';
const EMPTY = '\ue002';

function plain(word) {
  return word === EMPTY ? '' : word.replaceAll(BLANK, ' ');
}

function plainText(text) {
  return text.replaceAll(GLUE, '').replaceAll(BLANK, ' ').replaceAll(EMPTY, '');
}

// The words of a sentence, and whether a space stands before each.
function wordsOf(text) {
  const words = [];
  const spaced = [];
  let start = 0;
  let gap = false;
  for (let i = 0; text !== '' && i <= text.length; i += 1) {
    if (i === text.length || text[i] === ' ' || text[i] === GLUE) {
      words.push(plain(text.slice(start, i)));
      spaced.push(gap);
      gap = text[i] === ' ';
      start = i + 1;
    }
  }
  return { words, spaced };
}

const number = new Intl.NumberFormat('en');
const count = (value) => number.format(value);
const share = (sure) => (sure / data.sure).toFixed(2).replace(/^0/, '');

// An element with properties and children; text is text, whatever it looks like.
function element(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
