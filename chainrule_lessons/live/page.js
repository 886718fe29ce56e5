// What a live figure and the digit pad share, which come after it: elements, timers, the
// way to the kernel, and keys.

const PACE = 50; // milliseconds between what the kernel is told while the reader drags

/** Make an element with attributes and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Make timers with names; a timer that starts anew forgets its action. */
function clock() {
  const timers = {};
  const cancel = (name) => clearTimeout(timers[name]);
  const later = (name, wait, action) => (cancel(name), (timers[name] = setTimeout(action, wait)));
  return { later, cancel, stop: () => Object.keys(timers).forEach(cancel) };
}

/** Make the way to the kernel: `post` is for changes that may wait for PACE, `send` for others. */
function mail(model) {
  let [pace, unsent] = [0, false];
  const tried = (action) => {
    try {
      action();
    } catch {
      // no kernel: what is in the browser still works
    }
  };
  function send(message) {
    unsent = false;
    clearTimeout(pace);
    pace = setTimeout(() => ((pace = 0), unsent && send()), PACE);
    tried(() => model.save_changes());
    if (message) tried(() => model.send(message));
  }
  const post = (now) => ((unsent = true), (now || !pace) && send());
  return { send, post, close: () => (unsent && send(), clearTimeout(pace)) };
}

/** Keep the keys of a view from the page, but for Escape and what is typed with Ctrl. */
function keepKeys(root) {
  const theirs = (event) => event.ctrlKey || event.metaKey || event.key === "Escape";
  const guard = (event) => {
    if (!root.contains(event.target)) return;
    for (const element of [root, event.target]) element.toggleAttribute("data-lm-suppress-shortcuts", !theirs(event));
    if (event.key !== "Escape") return;
    event.target.dispatchEvent(new Event("cancel")); // to leave would take what is half typed
    root.closest(".jp-Notebook")?.focus();
  };
  addEventListener("keydown", guard, true);
  root.addEventListener("keydown", (event) => theirs(event) || event.stopPropagation());
  return () => removeEventListener("keydown", guard, true);
}
