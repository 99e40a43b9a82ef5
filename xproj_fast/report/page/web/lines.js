// The word alignment of the pair that is pointed at or has the focus, as lines between its words.

const SVG = 'http://www.w3.org/2000/svg';
let drawnIn = null;

function entityOf(place) {
  const mark = place.closest('mark');
  return mark ? [...mark.classList].find((name) => /^c\d+$/.test(name)) : '';
}

// Where a word stands, and the sentence that it is in.
function boxOf(place) {
  const { left, right, top, bottom } = place.getBoundingClientRect();
  return { left, right, top, bottom, edges: place.closest('p').getBoundingClientRect() };
}

function eraseLines() {
  drawnIn?.querySelector('svg.lines')?.remove();
  drawnIn?.querySelectorAll('.linked').forEach((place) => place.classList.remove('linked'));
  drawnIn = null;
}

// Draws all links of a pair, those of one word alone in full.
function showLines(article, word) {
  if (article !== drawnIn) drawLines(article);
  const { source, target } = sideOf.get(article);
  article.querySelectorAll('.linked').forEach((place) => place.classList.remove('linked'));
  for (const path of article.querySelectorAll('svg.lines path')) {
    const ends = [source[path.dataset.source], target[path.dataset.target]];
    const mine = ends.includes(word);
    path.classList.toggle('mine', mine);
    path.classList.toggle('other', word ? !mine : path.dataset.named === 'no');
    if (mine) ends.forEach((place) => place.classList.add('linked'));
  }
}

function drawLines(article) {
  eraseLines();
  drawnIn = article;
  const { pair, source, target } = sideOf.get(article);
  if (!links || !source.length || !links.count[pair]) return;
  const frame = article.getBoundingClientRect();
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'lines');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('width', frame.width);
  svg.setAttribute('height', frame.height);
  for (const i of range(links, pair)) {
    const [from, to] = [source[links.source[i]], target[links.target[i]]];
    const colour = entityOf(from) || entityOf(to);
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', curve(boxOf(from), boxOf(to), frame, i));
    if (colour) path.classList.add(colour);
    Object.assign(path.dataset, { source: links.source[i], target: links.target[i], named: colour ? 'yes' : 'no' });
    svg.append(path);
  }
  article.append(svg);
}

// From below one word to the other. Side by side: under its line, through the gap between the sides, under the other
// line, so that no line crosses a word. One above the other: straight down to above the word.
function curve(a, b, frame, i) {
  const x = (value) => Math.round(value - frame.left);
  const y = (value) => Math.round(value - frame.top);
  const [x1, x2] = [x((a.left + a.right) / 2), x((b.left + b.right) / 2)];
  const y1 = y(a.bottom);
  if (a.edges.left === b.edges.left) {
    const y2 = y(b.top);
    const middle = (y1 + y2) / 2;
    return `M${x1},${y1}C${x1},${middle} ${x2},${middle} ${x2},${y2}`;
  }
  const y2 = y(b.bottom);
  const below = 2 + 2 * (i % 3);
  const [out, into] = [x(a.edges.right) + 8, x(b.edges.left) - 8];
  const middle = (out + into) / 2;
  return `M${x1},${y1}V${y1 + below}H${out}C${middle},${y1 + below} ${middle},${y2 + below} ${into},${y2 + below}H${x2}V${y2}`;
}
