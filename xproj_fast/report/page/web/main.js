// The filters as controls, the address, the keys.

const PRINTED = 300; // pairs; filters choose which
const $ = (id) => document.getElementById(id);
const buttons = new Map(); // facet -> its buttons
const all = filtered().counts; // nothing is filtered yet

for (const facet of facets) {
  const box = element('fieldset', { className: 'facet' }, element('legend', {}, element('bdi', {}, facet.name)));
  buttons.set(facet, facet.values.map((value, i) => {
    const button = element('button', { type: 'button', className: `chip ${facet.key === 'class' ? `c${data.colours[i]}` : ''}` },
      element('bdi', {}, value), ' ', element('span', { className: 'many' }));
    button.addEventListener('click', () => {
      if (!facet.taken.delete(i)) facet.taken.add(i);
      state.pair = NONE;
      update();
    });
    button.hidden = !all.get(facet)[i]; // a choice of nothing is none
    box.append(button);
    return button;
  }));
  $('facets').append(box);
}

const bars = Array.from({ length: BINS }, (_, i) => {
  const bar = element('div', { className: 'bar' }, element('i', { className: 'wrong' }), element('i', { className: 'right' }));
  bar.addEventListener('click', () => {
    const [low, high] = [i * data.sure / BINS, (i + 1) * data.sure / BINS];
    const again = state.low === low && state.high === high;
    Object.assign(state, again ? { low: 0, high: data.sure } : { low, high }, { pair: NONE });
    update();
  });
  return bar;
});
$('histogram').append(...bars);
$('sure').hidden = !hasSure;

function drawHistogram({ right, wrong }) {
  const most = Math.max(1, ...right.map((value, i) => value + wrong[i]));
  bars.forEach((bar, i) => {
    const [low, high] = [i / BINS, (i + 1) / BINS];
    bar.classList.toggle('out', high * data.sure <= state.low || low * data.sure >= state.high);
    bar.children[0].style.height = `${100 * wrong[i] / most}%`;
    bar.children[1].style.height = `${100 * right[i] / most}%`;
    const told = reference ? `${count(right[i])} ${NOTES.right}, ${count(wrong[i])} ${data.gold ? 'wrong' : 'not'}`
      : count(right[i]);
    bar.title = `${low.toFixed(2)} to ${high.toFixed(2)}: ${told}`;
  });
  const all = right.reduce((a, b) => a + b, 0) + wrong.reduce((a, b) => a + b, 0);
  $('histogram').setAttribute('aria-label', `Confidences of ${count(all)} spans: ${bars.map((bar) => bar.title).join('; ')}`);
}

// Brings controls and list to what the state says; ``heard``: the address says it already.
function update(heard = false) {
  const found = filtered();
  for (const facet of facets) {
    buttons.get(facet).forEach((button, i) => {
      const many = found.counts.get(facet)[i];
      button.setAttribute('aria-pressed', facet.taken.has(i));
      button.classList.toggle('none', !many);
      button.lastElementChild.textContent = count(many);
    });
  }
  drawHistogram(found.bins);
  if ($('text').value !== state.words) $('text').value = state.words;
  $('sort').value = state.order;
  $('low').value = state.low / data.sure;
  $('high').value = state.high / data.sure;
  const what = entities ? 'pairs' : 'sentences';
  $('count').textContent = state.pair === NONE
    ? `${count(found.pairs.length)} of ${count(size)} ${what}, ${count(found.spans)} ${found.spans === 1 ? 'entity' : 'entities'}`
    : '';
  $('lone').hidden = state.pair === NONE;
  $('lone').firstChild.data = found.pairs.length ? 'One sentence is shown. ' : 'No sentence of this number is on the page. ';
  $('nothing').hidden = found.pairs.length > 0 || state.pair !== NONE;
  showPairs(found.pairs);
  if (!heard) history.replaceState(null, '', toHash() || location.pathname + location.search);
}

$('text').addEventListener('input', () => {
  Object.assign(state, { words: $('text').value, pair: NONE });
  update();
});
$('sort').addEventListener('change', () => {
  state.order = $('sort').value;
  update();
});
for (const end of ['low', 'high']) {
  $(end).addEventListener('change', () => {
    const value = $(end).valueAsNumber;
    if (value >= 0 && value <= 1) Object.assign(state, { [end]: value * data.sure, pair: NONE });
    update();
  });
}
$('clear').addEventListener('click', () => {
  clearFilters();
  update();
});
$('all').addEventListener('click', () => {
  state.pair = NONE;
  update();
  $('list').focus();
});
$('stack').addEventListener('click', () => {
  const stacked = document.body.classList.toggle('stacked');
  $('stack').setAttribute('aria-pressed', stacked);
  forgetHeights();
});

window.addEventListener('hashchange', () => {
  fromHash(location.hash);
  update(true);
  window.scrollTo(0, 0);
});
window.addEventListener('scroll', () => requestAnimationFrame(render), { passive: true });
let width = window.innerWidth;
window.addEventListener('resize', () => {
  eraseLines();
  if (width !== window.innerWidth) forgetHeights();
  width = window.innerWidth;
  render();
});

const KEYS = { j: 1, k: -1 };
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') {
    clearFilters();
    update();
  } else if (event.target.matches('input, select')) {
    // what is typed there is typed there
  } else if (event.key in KEYS) {
    moveTo(current() + KEYS[event.key]);
    event.preventDefault();
  } else if (event.key === '/') {
    $('text').focus();
    event.preventDefault();
  }
});

function pointed(event) {
  const article = event.target.closest?.('article');
  if (article) showLines(article, event.target.closest('[data-source], [data-target]'));
  else eraseLines();
}
document.addEventListener('pointerover', pointed);
document.addEventListener('focusin', pointed);

// A print holds the first of the list, one behind another.
window.addEventListener('beforeprint', () => {
  eraseLines();
  printed = PRINTED;
  render();
  if (pairs.length > PRINTED) $('count').textContent += `; the first ${PRINTED} are printed`;
});
window.addEventListener('afterprint', () => {
  printed = 0;
  update(true);
});

fromHash(location.hash);
update(true);
document.documentElement.dataset.ready = 'yes';
