// What could come next in a line that is being typed. Plain functions of the text: no page, no network.

/**
 * Suggestions for the word that ends at the caret: `items` of {insert, takes?, note} and `from`, where the word
 * starts. `eager` means that Enter takes the first one; otherwise it sends the line as it stands. `remixing` says
 * that the line is a prompt without a command.
 */
export function suggest(text, caret, { options, commands, models }, remixing = false) {
  const typed = text.slice(0, caret);
  if (/^\/\S*$/.test(typed)) return matching(commands.map(command), typed, 0, true);
  const [, argument] = /^\/(?:history|settings)\s+(\w*)$/i.exec(typed) ?? [];
  if (argument !== undefined) {
    const word = /^\/h/i.test(typed)
      ? plain('favorites', 'those with a star')
      : plain('reset', 'as at the beginning');
    return matching([word], argument, caret - argument.length, argument !== '');
  }
  if (!remixing && !/^\/(imagine|settings)\s/i.test(typed)) return nothing;
  return suggestOption(text, caret, options, models);
}

function suggestOption(text, caret, options, models) {
  const typed = text.slice(0, caret);
  const [, flag, value] = /(?:^|\s)(--[\w-]+)[ =]+([^\s=]*)$/.exec(typed) ?? [];
  const option = options.find((each) => each.flag === flag);
  if (option?.takes && !value.startsWith('--')) {
    const values = valuesFor(option, text, models);
    // A number half typed is not a wish for another number, nor is a whole name one for a longer name.
    const isName = Boolean(option.values) && flag !== '--n';
    const eager = isName && !values.some((item) => item.insert === value);
    return isName || value === '' ? matching(values, value, caret - value.length, eager) : nothing;
  }

  const [word] = /(?:^|(?<=\s))--?[\w-]*$/.exec(typed) ?? [];
  if (word === undefined) return nothing;
  const free = options
    .filter((each) => each.flag === word || !new RegExp(`(^|\\s)${each.flag}(\\s|=|$)`).test(text))
    .map((each) => ({ insert: each.flag, takes: each.takes, note: each.description }));
  return matching(free, word, caret - word.length, true);
}

function command({ name, takes, description }) {
  return { insert: `/${name}`, takes, note: description };
}

/** The line with a suggestion taken, and where the caret goes. */
export function take(text, caret, from, item) {
  const rest = text.slice(caret);
  const head = text.slice(0, from) + item.insert + (rest.startsWith(' ') ? '' : ' ');
  return { text: head + rest, caret: head.length };
}

const SHAPES = [
  plain('1:1', 'square'),
  plain('3:2', 'a photo on its side'),
  plain('2:3', 'a photo upright'),
  plain('16:9', 'a screen'),
  plain('9:16', 'a phone'),
];

const nothing = { items: [], from: 0, eager: false };

function matching(all, word, from, eager) {
  const items = all.filter((item) => item.insert.toLowerCase().startsWith(word.toLowerCase()));
  // Typed in full: there is nothing left to suggest.
  if (items.length === 1 && items[0].insert === word) return nothing;
  return { items, from, eager };
}

function valuesFor(option, text, models) {
  const named = /--model[ =]+(\S+)/.exec(text)?.[1];
  const card = models.find((model) => model.name === named) ?? models[0];
  switch (option.flag) {
    case '--steps':
      return card ? [plain(card.defaults.steps, `usual; up to ${card.maxSteps}`)] : [];
    case '--guidance':
      return card ? [plain(card.defaults.guidanceScale, 'usual'), plain(1, 'follow the words least')] : [];
    case '--size':
      return card ? sizes(card) : [];
    case '--ar':
      return card && card.minSize === card.maxSize ? [plain('1:1', 'the only shape')] : SHAPES;
    case '--strength':
      return [plain(0.4, 'stays close to the picture'), plain(0.8, 'goes far from it')];
    case '--scheduler':
      return option.values.map(({ value }) =>
        plain(value, value === card?.defaults.scheduler ? 'usual' : ''),
      );
    default:
      return (option.values ?? []).map(({ value, note }) => plain(value, note));
  }
}

function sizes(card) {
  const { width, height } = card.defaults;
  const range =
    card.minSize === card.maxSize ? 'the only size' : `usual; ${card.minSize} to ${card.maxSize} a side`;
  return [plain(`${width}x${height}`, range)];
}

function plain(value, note) {
  return { insert: String(value), note };
}
