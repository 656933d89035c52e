"""What runs in the browser: links to cards and back from steps, copying, focus, names to read aloud."""

ON_LOAD = """
document.documentElement.lang = 'zh-CN';
const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
const show = (place) => place.scrollIntoView({block: 'start', behavior: calm() ? 'auto' : 'smooth'});
const focus = (place) => {
  if (!place) return;
  if (!place.hasAttribute('tabindex')) place.tabIndex = -1;
  place.focus({preventScroll: true});
};
const reach = (name) => {
  const card = document.getElementById(name);
  if (!card) return false;
  for (let up = card.parentElement; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true;
  show(card);
  focus(card);
  return true;
};
const title = () => {
  element.closest('#sources').scrollTop = 0;
  const head = document.getElementById('sources-title');
  if (head.getBoundingClientRect().top < 0) show(head);
  focus(head);
};
const said = document.createElement('p');
said.id = 'said';
said.setAttribute('role', 'status');
document.body.append(said);

// The link that was followed is gone when the answer comes: where to go on from then.
let then = null;
const follow = {
  citation: (name, turn) => {
    if (reach(name)) return;
    then = () => reach(name) || title();  // a card of an older answer: it is asked for again
    trigger('cite', {turn});
  },
  drop: (name, turn, step, link) => {
    const inPanel = element.contains(link);
    then = () => inPanel ? title() : focus(document.querySelectorAll('#chat .bot-row')[turn - 1]);
    trigger('drop', {turn, step});
  },
  compare: (name, turn) => {
    then = title;
    trigger('compare', {turn});
  },
};
const copy = async (button) => {
  const text = button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = '已复制';
    said.textContent = `已${button.ariaLabel}`;
  } catch {  // from another machine over plain http there is no clipboard
    getSelection().selectAllChildren(text);
    button.textContent = '已选中';
    said.textContent = '已选中，请按 Ctrl+C 复制';
  }
  setTimeout(() => { button.textContent = '复制'; said.textContent = ''; }, 2500);
};
document.addEventListener('click', (event) => {
  const loaded = document.querySelector('.loaded');
  if (loaded && !loaded.contains(event.target)) loaded.open = false;
  if (!event.target.closest) return;
  const button = event.target.closest('#panel .copy');
  if (button) copy(button);
  const link = event.target.closest('a[href*="#"]');
  if (!link) return;
  const name = link.hash.slice(1);
  const [kind, turn, step] = name.split('-');
  if (!Object.hasOwn(follow, kind)) return;
  event.preventDefault();
  follow[kind](name, Number(turn), step, link);
});
// Gradio reads messages out, and copies them, as Markdown with all its marks, and in English.
const speak = () => {
  const log = document.querySelector('#chat [role="log"]');
  if (log) log.ariaLabel = '对话';
  for (const message of document.querySelectorAll('#chat :is([data-testid="bot"], [data-testid="user"])'))
    message.removeAttribute('aria-label');
  for (const button of document.querySelectorAll('#chat .message-buttons button'))
    button.title = button.ariaLabel = '复制这条回答';
  for (const link of document.querySelectorAll('#chat a[href^="#drop-"]'))
    link.ariaLabel = `${link.textContent}（${link.previousElementSibling.textContent}）`;
};
document.addEventListener('click', (event) => {
  const buttons = event.target.closest && event.target.closest('#chat .message-buttons');
  if (!buttons || !navigator.clipboard) return;
  const lines = [...buttons.previousElementSibling.querySelectorAll('.prose p')].map(
    (line) => line.querySelector('a[href^="#drop-"]') ? line.querySelector('em').innerText : line.innerText);
  navigator.clipboard.writeText(lines.join('\\n\\n').trim());
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') document.querySelector('.loaded').open = false;
});
watch('value', () => setTimeout(() => {
  speak();
  if (then) then();
  else {
    element.closest('#sources').scrollTop = 0;
    const asked = [...document.querySelectorAll('#chat .user-row')].pop();
    if (asked) show(asked);
  }
  then = null;
}, 60));
"""
"""The script of the panel's ``gr.HTML``: ``element``, ``trigger`` and ``watch`` are Gradio's."""
