// A pair as the browser draws it. Every word goes in as text, never as markup.

const sideOf = new WeakMap(); // an article -> its pair and the elements of its words

// Spans that share words are nested; one that crosses another is cut where that ends, and goes on behind it.
function nested(spans) {
  const outerFirst = (a, b) => a.start - b.start || b.end - a.end;
  const queue = [...spans].sort(outerFirst);
  const inside = (from, to) => {
    const found = [];
    while (queue.length && queue[0].start < to) {
      const span = queue.shift();
      if (span.end > to) {
        queue.push({ ...span, start: to });
        queue.sort(outerFirst);
        span.end = to;
        span.goesOn = true;
      }
      found.push({ ...span, inner: inside(span.start, span.end) });
    }
    return found;
  };
  return inside(0, Infinity);
}

// The direction that most letters of a sentence have; the first of them may be of a foreign name.
function directionOf(text) {
  const leftward = text.match(/[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/g)?.length ?? 0;
  return 2 * leftward > (text.match(/\p{L}/gu)?.length ?? 0) ? 'rtl' : 'ltr';
}

function drawSentence(text, spans) {
  const { words, spaced } = wordsOf(text);
  const places = words.map((word) => element('span', { className: word ? 'word' : 'word empty' }, word || '∅'));
  const put = (parent, from, to, inner) => {
    let at = from;
    const next = (end) => {
      for (; at < end; at += 1) {
        if (at > from && spaced[at]) parent.append(' ');
        parent.append(places[at]);
      }
    };
    for (const span of inner) {
      next(span.start);
      if (span.start > from && spaced[span.start]) parent.append(' ');
      const mark = element('mark', { className: `entity c${data.colours[span.label]} ${span.kind ?? ''}` });
      put(mark, span.start, span.end, span.inner);
      if (!span.goesOn) mark.append(tagOf(span));
      parent.append(mark);
      at = span.end;
    }
    next(to);
  };
  const line = element('p', { className: 'sentence', dir: directionOf(text) });
  put(line, 0, words.length, nested(spans));
  return { line, places };
}

function tagOf(span) {
  const tag = element('span', { className: 'tag', dir: 'ltr' }, element('bdi', {}, data.labels[span.label]));
  if (span.sure !== undefined) tag.append(element('span', { className: 'sure' }, ` ${share(span.sure)}`));
  if (span.note) tag.append(element('span', { className: 'differs' }, ` ${span.note}`));
  return tag;
}

function spansOf(columns, pair) {
  const found = [];
  for (const i of range(columns, pair)) {
    const span = { start: columns.start[i], end: columns.end[i], label: columns.label[i] };
    if (columns.sure) span.sure = columns.sure[i];
    if (columns.difference && columns.difference[i] !== RIGHT) {
      span.note = NOTES[data.differences[columns.difference[i]]];
      span.kind = 'wrong';
    }
    if (columns.outcome && columns.outcome[i]) span.kind = 'gone';
    found.push(span);
  }
  return found;
}

function side(name, what, ...lines) {
  return element('div', { className: `side ${what}` }, element('span', { className: 'name' }, element('bdi', {}, name)),
    ...lines);
}

function drawPair(pair) {
  const sides = element('div', { className: 'sides' });
  const words = { pair, source: [], target: [] };
  if (data.source) {
    const drawn = drawSentence(data.source[pair], entities ? spansOf(entities, pair) : []);
    words.source = drawn.places;
    sides.append(side('source', 'source', drawn.line));
  }
  const targets = element('div', { className: 'targets' });
  for (const layer of layers) {
    // Another layer is drawn where it says something else.
    const differs = layer === first || (reference && compared.some((each) => errorsOf(each, pair)));
    if (!differs) continue;
    const drawn = drawSentence(data.target[pair], spansOf(layer, pair));
    if (layer === first) words.target = drawn.places;
    targets.append(side(layer.name, layer === reference ? 'reference' : 'target', drawn.line));
  }
  sides.append(targets);
  const article = element('article', { className: 'pair', tabIndex: 0, 'aria-labelledby': `n${data.number[pair]}` },
    headOf(pair), sides, ...lostOf(pair));
  words.source.forEach((place, i) => { place.dataset.source = i; });
  words.target.forEach((place, i) => { place.dataset.target = i; });
  sideOf.set(article, words);
  return article;
}

function headOf(pair) {
  const head = element('header', {}, element('a', { className: 'number', id: `n${data.number[pair]}`,
    href: `#pair=${data.number[pair]}`, title: 'link to this sentence alone' }, `${count(data.row[pair] + 1)}`));
  if (data.views.length > 1) head.append(element('bdi', { className: 'id' }, data.views[data.view[pair]]));
  if (data.id) head.append(element('bdi', { className: 'id' }, data.id[pair]));
  if (reference) {
    const errors = errorsOf(first, pair);
    head.append(errors ? element('span', { className: 'badge bad' }, wrongOf(pair))
      : element('span', { className: 'badge good' }, data.gold ? 'all right' : NOTES.right));
  }
  if (changes && changes[pair] < 2) {
    head.append(element('span', { className: changes[pair] ? 'badge bad' : 'badge good' },
      element('bdi', {}, compared[1].name), ` ${CHANGES[changes[pair]]}`));
  }
  return head;
}

function wrongOf(pair) {
  const found = new Map();
  const add = (difference) => {
    if (difference !== RIGHT) found.set(difference, (found.get(difference) ?? 0) + 1);
  };
  for (const i of range(first, pair)) add(first.difference[i]);
  for (const i of range(reference, pair)) if (reference.difference[i] === MISSING) add(MISSING);
  return [...found].map(([difference, times]) => `${times} ${NOTES[data.differences[difference]]}`).join(', ');
}

// The entities that were not projected, with the reason.
function lostOf(pair) {
  if (!entities || !entities.outcome) return [];
  const words = data.source ? wordsOf(data.source[pair]).words : [];
  const lost = [...range(entities, pair)].filter((i) => entities.outcome[i]);
  if (!lost.length) return [];
  return [element('ul', { className: 'lost' }, ...lost.map((i) => element('li', {}, 'not projected: ',
    element('bdi', { className: 'what' }, words.slice(entities.start[i], entities.end[i]).join(' ')), ' ',
    element('bdi', {}, data.labels[entities.label[i]]), ` (${data.outcomes[entities.outcome[i]]})`)))];
}
