// The list of pairs: only those near the window are in the page. Heights are guessed until they were seen.

const MARGIN = 800; // pixels above and below the window
const GAP = 12;
const list = document.getElementById('list');
const heights = new Float32Array(size); // 0 = never seen
const shown = new Map(); // pair -> article
let pairs = [];
let offsets = new Float64Array(1);
let guess = 120;
let printed = 0; // how many pairs are drawn for a print, wherever the window is

const watch = new ResizeObserver((entries) => {
  let changed = false;
  for (const { target } of entries) {
    const { pair } = sideOf.get(target);
    const height = target.offsetHeight;
    if (shown.get(pair) === target && height && Math.abs(heights[pair] - height) > 0.5) {
      heights[pair] = height;
      changed = true;
    }
  }
  if (changed) layOut();
});

function topOfWindow() {
  return -list.getBoundingClientRect().top;
}

function at(y) {
  let [low, high] = [0, pairs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[middle + 1] <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Puts every pair at its place anew; what stands at the top of the window stays there.
function layOut() {
  const top = topOfWindow();
  const anchor = top > 0 && pairs.length ? Math.min(at(top), pairs.length - 1) : NONE;
  const before = anchor === NONE ? 0 : offsets[anchor];
  offsets = new Float64Array(pairs.length + 1);
  let seen = 0;
  let sum = 0;
  for (const pair of shown.keys()) {
    if (heights[pair]) {
      seen += 1;
      sum += heights[pair];
    }
  }
  if (seen) guess = sum / seen;
  pairs.forEach((pair, i) => { offsets[i + 1] = offsets[i] + (heights[pair] || guess) + GAP; });
  list.style.height = `${offsets[pairs.length]}px`;
  if (anchor !== NONE && Math.abs(offsets[anchor] - before) > 0.5) window.scrollBy(0, offsets[anchor] - before);
  render();
}

function render() {
  const top = topOfWindow();
  const from = printed ? 0 : at(Math.max(0, top - MARGIN));
  const to = printed || at(top + window.innerHeight + MARGIN) + 1;
  const wanted = new Set(pairs.slice(from, to));
  for (const [pair, article] of shown) {
    if (!wanted.has(pair) && !article.contains(document.activeElement)) {
      watch.unobserve(article);
      if (drawnIn === article) eraseLines();
      article.remove();
      shown.delete(pair);
    }
  }
  for (let i = from; i < Math.min(to, pairs.length); i += 1) {
    const pair = pairs[i];
    let article = shown.get(pair);
    if (!article) {
      article = drawPair(pair);
      shown.set(pair, article);
      article.setAttribute('aria-posinset', i + 1);
      article.setAttribute('aria-setsize', pairs.length);
      // Who tabs through the list, and who prints it, meets the pairs in their order: that which has the focus may stand
      // far from the others.
      const behind = [...list.children].find((other) => Number(other.getAttribute('aria-posinset')) > i + 1);
      list.insertBefore(article, behind ?? null);
      watch.observe(article);
    }
    article.style.top = `${offsets[i]}px`;
  }
}

function showPairs(found) {
  eraseLines();
  pairs = found;
  for (const [, article] of shown) {
    watch.unobserve(article);
    article.remove();
  }
  shown.clear();
  layOut();
}

// The place in the list of the pair that has the focus, or stands at the top of the window.
function current() {
  const article = document.activeElement?.closest('article');
  if (article) return pairs.indexOf(sideOf.get(article).pair);
  return at(Math.max(0, topOfWindow())) - 1;
}

function moveTo(place) {
  if (place < 0 || place >= pairs.length) return;
  window.scrollTo({ top: window.scrollY - topOfWindow() + offsets[place] - window.innerHeight / 4 });
  render();
  shown.get(pairs[place]).focus({ preventScroll: true });
  shown.get(pairs[place]).scrollIntoView({ block: 'nearest' });
}

function forgetHeights() {
  heights.fill(0);
  for (const [pair, article] of shown) heights[pair] = article.offsetHeight;
  layOut();
}
