// Two small things that buttons do: ask once more before what can not be taken back, and copy a text.

const SECOND_THOUGHT_MS = 4000;

/** For a while, or until the focus leaves it, the button asks; it is `sure` meanwhile. */
export function askAgain(button) {
  const content = [...button.childNodes];
  const label = button.getAttribute('aria-label');
  button.dataset.sure = 'true';
  button.setAttribute('aria-label', 'Press again to delete');
  button.replaceChildren('Delete? Press again');
  const calm = () => {
    clearTimeout(timer);
    button.removeEventListener('blur', calm);
    delete button.dataset.sure;
    button.replaceChildren(...content);
    if (label) button.setAttribute('aria-label', label);
    else button.removeAttribute('aria-label');
  };
  const timer = setTimeout(calm, SECOND_THOUGHT_MS);
  button.addEventListener('blur', calm);
}

/**
 * Whether it was copied. The clipboard is missing on plain HTTP under any name but localhost; then the text is marked,
 * ready to be copied.
 */
export async function copyText(text, shownIn) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const range = document.createRange();
    range.selectNodeContents(shownIn);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return false;
  }
}
