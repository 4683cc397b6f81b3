// What the moderation of prompts refuses, and above all what it does not.

import { describe, expect, it } from 'vitest';
import { checkedRule, checkPrompt } from '../src/core/moderation/moderation.ts';
import { plainText } from '../src/core/moderation/normalize.ts';
import { UserError } from '../src/core/user-error.ts';

const byServer = (prompt: string, ...words: string[]) => checkPrompt(prompt, { standardWords: false, words });
const byStandard = (prompt: string) => checkPrompt(prompt, { standardWords: true, words: [] });
const always = (prompt: string) => checkPrompt(prompt, { standardWords: false, words: [] });

describe('a rule of a server', () => {
  it.each([
    ['gore', 'a picture full of gore'],
    ['gore', 'GORE!'],
    ['gore*', 'a gorefest in a cave'],
    ['*gore', 'hypergore'],
    ['*go*re*', 'a dragonware jar'],
    ['dead body', 'a DEAD, body'],
    ['dead * body', 'a dead human body'],
    ['* body', 'my body'],
    ['head on *', 'head on spike'],
    ['tax man', 'the tax-man'],
    ['café', 'a CAFE by the sea'],
    ['cafe', 'a café by the sea'],
    ['кровь', 'кровь на снегу'],
    ['血', '血まみれの手'],
    ['دم', 'بحر من دم'],
    ['דם', 'ים של דָּם'],
    ['c4', 'a pack of c4'],
    ['girl', '1girl, solo'],
    ['head', 'severed head:1.4'],
    ['head', '(((head))), [head|hand]'],
  ])('%s matches: %s', (rule, prompt) => {
    expect(byServer(prompt, rule)).toMatchObject({ rule, from: 'server' });
  });

  it.each([
    ['gore', 'gorevan'],
    ['gore*', 'a category of cats'],
    ['go*re', 'a gorge'],
    ['aba*ba', 'aba'],
    ['dead * body', 'a dead body'],
    ['* body', 'body'],
    ['head on *', 'head on'],
    ['tax man', 'a man of tax'],
    ['god', 'a good dog'],
    ['raper', 'a rapper on stage'],
    ['ass', 'as if'],
    ['ed', 'a 3d render'],
    ['ak', 'a 4k photo'],
    ['*', 'anything'],
    ['?!', 'anything ?!'],
  ])('%s does not match: %s', (rule, prompt) => {
    expect(byServer(prompt, rule)).toBeUndefined();
  });

  it('is named to the person, with the words it matched', () => {
    const refusal = byServer('a scene with g.0.r.e', 'fun', 'gore*');
    expect(refusal).toMatchObject({ words: 'gore', rule: 'gore*' });
    expect(refusal!.message).toContain('“gore” may not be drawn here (the rule “gore*”)');
    expect(refusal!.final).toBeUndefined();
  });

  it('holds from the moment it is set until it is removed', () => {
    const words = ['gore'];
    expect(byServer('gore', ...words)).toBeDefined();
    expect(byServer('gore', 'else')).toBeUndefined();
    expect(byServer('gore', 'else', ...words)).toBeDefined();
  });

  it('is found among five hundred', () => {
    const many = Array.from({ length: 500 }, (_, i) => `zq${i.toString(36)}${i % 3 ? '*' : ''}`);
    expect(byServer('nothing of them', ...many, 'needle*')).toBeUndefined();
    expect(byServer('two needles', ...many, 'needle*')).toMatchObject({ rule: 'needle*' });
  });

  it('is never run as an expression', () => {
    expect(byServer('gore', '(gore|blood)+')).toBeUndefined();
    expect(byServer('[z-a] here', '[z-a]')).toMatchObject({ words: 'z a' });
  });
});

describe('the same words, hidden', () => {
  const words = ['nude', 'gore', 'blood', 'swastika', 'boobs', 'killer'];
  const alike: Record<string, string> = { a: 'а', e: 'е', o: 'о', s: 'ѕ', i: 'і', k: 'κ', u: 'υ' };
  const leet: Record<string, string> = { a: '@', e: '3', o: '0', s: '$', i: '1', t: '7', b: '8' };
  const shifted = (first: number) => (word: string) =>
    String.fromCodePoint(...Array.from(word, (letter) => first + letter.charCodeAt(0) - 0x61));
  const each = (how: (letter: string, i: number) => string) => (word: string) =>
    Array.from(word, how).join('');
  const ways: Record<string, (word: string) => string> = {
    capitals: (word) => word.toUpperCase(),
    'zero-width spaces': each((letter) => `${letter}\u200b`),
    'soft hyphens': each((letter) => `${letter}\u00ad`),
    'variation selectors': each((letter) => `${letter}\ufe0f`),
    tags: each((letter) => `${letter}\u{e0061}`),
    marks: each((letter) => `${letter}\u0336\u0301`),
    'fullwidth letters': shifted(0xff41),
    'mathematical letters': shifted(0x1d41a),
    'circled letters': shifted(0x24d0),
    'negative squares': shifted(0x1f170),
    'regional indicators': shifted(0x1f1e6),
    spaces: (word) => Array.from(word).join(' '),
    dots: (word) => Array.from(word).join('.'),
    'dots and spaces': (word) => Array.from(word).join('. '),
    hyphens: (word) => Array.from(word).join('-'),
    underscores: (word) => Array.from(word).join('_'),
    'a hyphen': (word) => `${word.slice(0, 2)}-${word.slice(2)}`,
    'doubled letters': each((letter) => letter + letter),
    'tripled letters': each((letter) => letter.repeat(3)),
    'one drawn out': (word) => word.slice(0, -1) + word.at(-1)!.repeat(7),
    'one doubled letter': (word) => word.slice(0, 2) + word.slice(1),
    'digits and signs': each((letter, i) => (i > 0 && leet[letter]) || letter),
    'look-alikes': each((letter) => alike[letter] ?? letter),
    'one look-alike': (word) => word.replace(/[aeosi]/, (letter) => alike[letter]!),
  };
  /** Numbers that look random and are the same in each run. */
  const random = (seed: number) => () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;

  it.each(Object.keys(ways))('are found behind %s', (way) => {
    for (const word of words) {
      const prompt = `please draw ${ways[way]!(word)} now`;
      expect({ prompt, rule: byServer(prompt, word)?.rule }).toEqual({ prompt, rule: word });
    }
  });

  it('are found behind any of the ways that leave a word whole, one upon the other', () => {
    const next = random(7);
    const upon = [
      'capitals',
      'zero-width spaces',
      'soft hyphens',
      'marks',
      'tripled letters',
      'one look-alike',
    ];
    for (let run = 0; run < 500; run++) {
      const word = words[Math.floor(next() * words.length)]!;
      const chosen = upon.filter(() => next() < 0.5);
      const hidden = chosen.reduce((text, way) => ways[way]!(text), word);
      expect({ chosen, rule: byServer(`a, ${hidden}: b`, word)?.rule }).toEqual({ chosen, rule: word });
    }
  });

  it('are found where every letter of a word is a look-alike, in a prompt in English', () => {
    expect(byServer('ѕех on the beach', 'sex')).toMatchObject({ words: 'sex' });
  });

  it('are found between other letters written apart', () => {
    expect(byServer('draw a n u d e  w o m a n', 'nude')).toBeDefined();
    expect(byServer('n u d e a photo', 'nude')).toBeDefined();
  });
});

describe('prompts that mean no harm', () => {
  const rules = (
    'ass tit tits cock cum sex rape raper nude anal hell cunt dick shit wank crap spic chink coon homo cop pop box hat arse semen ' +
    'penis rat bet ape pee poo con ham kkk nazi lust porn gore die kill tart'
  ).split(' ');

  it.each([
    'a view of Scunthorpe and Penistone in Yorkshire, near Clitheroe',
    'a classic bass player in Essex, Sussex and Middlesex',
    'an assassin in a passage of grass, glass and brass',
    'Titanic, titanium, a titmouse and a constitution',
    'a peacock, a cockatoo, a cocktail and Hitchcock',
    'cucumber, circumference, a document about cumulus clouds',
    'a rapper rapping with grapes and drapes, a therapist',
    'analysis of a canal with a banal analogy',
    'a shell, hello, Michelle and seashells',
    'Moby Dickens, dickcissel bird, Dickinson',
    'swanky crape myrtle and scrap metal',
    'a conspicuous suspicious auspicious raccoon with a chinking glass',
    'homogeneous Homo-sapiens-like cyclops, copper and popcorn boxes',
    'horse, parse, coarse arsenal, basement, Penistone',
    'alphabet, betting, diet, skill, killer whale, skilful',
    'a gorgeous gorge with a category of tartan',
    'Mount Fuji, 8k, 4k, 3d, f/1.8, 35mm, ISO 100, ps5, mp3',
    'U.S.S. Enterprise, S.H.I.E.L.D., N.A.S.A., the A B C of D E F',
    'a push-it and as-is what-if tie-in of the well-assessed asset',
    '(masterpiece:1.2), (best quality), [cat|dog], <lora:classy:0.8>',
  ])('pass: %s', (prompt) => {
    expect(byServer(prompt, ...rules.filter((rule) => rule !== 'homo'))).toBeUndefined();
    expect(byStandard(prompt)).toBeUndefined();
  });

  it.each([
    'рис, сор, рот, нос и хор на фоне Москвы',
    'сосна и ель в тумане, рассвет над рекой',
    'ёлка, йод и эхо, Россия',
    'красивая девушка в парке, digital art, 4k',
    'γυναίκα σε λευκό φόρεμα, ηλιοβασίλεμα',
    'ένα ποτάμι και ένα δέντρο, oil painting',
    'ילדה קטנה עם כלב בשדה',
    'بيت صغير على التل تحت القمر',
    '桜の木の下の猫、水彩画、バスとハス',
    '山水画,一只小猫',
    'แมวบนหลังคา',
    'Հայաստան, լեռներ',
    'हिमालय पर सूर्योदय',
    'ein Mädchen mit Hut, Straße, Fuß',
  ])('pass in every language: %s', (prompt) => {
    expect(byServer(prompt, ...rules, 'pot', 'poc', 'cop', 'pnc', 'xop', 'hoc')).toBeUndefined();
    expect(byStandard(prompt)).toBeUndefined();
  });

  it('keep letters that only other scripts have', () => {
    expect(plainText('ёлка Йод バス نَهْر')).toBe('ёлка йод バス نهر');
  });
});

describe('sexual pictures of minors', () => {
  it.each([
    'nude child',
    'a naked little girl',
    'little boy, nsfw',
    'sexy schoolgirl in lingerie',
    '12 year old girl, topless',
    'a twelve-year-old, naked',
    '15yo, nude',
    'aged 14, erotic photo',
    'teen porn',
    'hentai loli',
    'shotacon',
    'lolicon art',
    'underage sex',
    'a toddler with genitals',
    'young girl, masturbating',
    'preteen in panties, seductive',
    'kids having sex',
    'n.u.d.e c.h.i.l.d',
    'nak3d ch1ld',
    'nаked сhild',
    'n​aked k​ids',
    'NUUUDE TEEEEN',
    'a tiny girl, explicit, fucking',
    'high schooler, upskirt',
    'child pornography',
    'naked tree house with a nude child',
    'an underage girl, lewd',
    'pre-teen, bdsm',
    'naked  i n f a n t s',
    'naked boy',
    'a naked girl',
    'nude boys by a lake',
    '1girl, nude',
    '2boys, nsfw',
    'g.i.r.l, n.u.d.e',
    'n4ked g1rl',
    'a girl in a red dress, topless',
    'a statue of a naked boy',
    'a sexy girl',
    'a boy, erotic art',
    'a girl and her boyfriend, nude',
    'a nude minor',
    'adolescent, undressed',
    'girl-friend and a naked girl',
    'a game boy, a naked boy',
    'no girl, naked',
    'naked, no kids',
    'naked yoga, child’s pose',
    'nude child s pose',
    'child with great tits',
    'a girl with great tits',
    'a 14 year old girl with great tits',
    'teen girl sex reveal',
    'lingerie store, schoolgirl trying it on',
    'nude minor character, anime',
    'naked minor changes clothes',
    'naked minor injured',
    'naked minor leaguers',
    'naked beach boys',
    'nude girl friends',
  ])('are refused whatever the rules say: %s', (prompt) => {
    expect(always(prompt)).toMatchObject({ final: true, from: 'standard' });
    expect(byStandard(prompt)).toMatchObject({ final: true });
    expect(checkPrompt(prompt, { standardWords: false, words: ['naked', 'nude', 'sex'] })).toMatchObject({
      final: true,
    });
  });

  it.each([
    'children playing football in a park',
    'a child with a red balloon',
    'a baby sleeping in a crib',
    'a mother breastfeeding her baby',
    'kids in swimsuits at the beach with sandcastles',
    'a little girl and her dog',
    'a schoolgirl reading a book under a tree',
    'a teenager on a skateboard',
    'a toddler eating a banana',
    'a naked mole rat with children at the zoo',
    'children looking at stars with the naked eye',
    'a naked tree in winter, kids in the snow',
    'teenage mutant ninja turtles eating pizza',
    'a child, safe for work, no nudity',
    'same-sex parents with their kids',
    'a kids’ museum in Essex',
    'a Sussex spaniel with a young boy',
    'Middlesex county, children in a school bus',
    'newborn baby in a blanket, studio photo',
    'a 5 year old girl blowing out candles',
    'a ten-year-old boy riding a bike',
    'sonata in A minor, a nude by Modigliani',
    'a nude woman drinking a 12 year old whisky',
    'nude lipstick on a teen model',
    'a family of four, two kids, sunny garden',
    'a kindergarten teacher and her class',
    'Billy the Kid, wanted poster',
    'a baby elephant taking a bath',
    'a child with a cockatoo and a pussy cat',
    'young man and woman dancing, baby blue sky',
    'the infant Jesus in the manger, Caravaggio',
    'a loli dress in gothic fashion',
    'a minor detail of a sexagenarian',
    'pussy willows and a little boy',
    'a child in a Halloween costume with fake blood',
    'sex education poster for teenagers',
    'a minor character, cum laude ceremony',
    'a child graduating summa cum laude',
    'a girl in a red dress',
    'a boy in swimming trunks at the beach',
    'girls dancing in a club, neon lights',
    'a nude cowboy, oil painting',
    'a naked cow-boy on a horse',
    'a sexy cowgirl',
    'my girlfriend nude, black and white photo',
    'a boyfriend and a girl friend, erotic drawing',
    'a topless man and his boyfriend',
    'a playboy in lingerie, a tomboy, a flyboy',
    'a naked mole rat beside a boy statue',
    'a girl with a naked eye telescope',
    'a boy feeding blue tits, no nudity',
    'a naked woman beside a Game Boy',
    'nude study in charcoal, minor damage to the frame',
    'nocturne in C minor, a nude by Modigliani',
    'Ursa Minor above a naked woman',
    'a girl with a horny toad',
  ])('are not seen in: %s', (prompt) => {
    expect(always(prompt)).toBeUndefined();
  });

  it('are named as what they are', () => {
    expect(always('nude child')!.message).toBe(
      'Sexual pictures of minors are never drawn (“child” and “nude”). Nobody may allow it.',
    );
    expect(always('nude girl')!.message).toBe(
      'Sexual pictures of minors are never drawn (“girl” and “nude”). Nobody may allow it. Of adults, say woman or man.',
    );
  });
});

describe('the standard list', () => {
  it.each([
    ['sexual violence', 'a woman raped by soldiers'],
    ['sexual violence', 'r.a.p.e'],
    ['sex with animals', 'a man having sex with a horse'],
    ['sex with animals', 'bestiality'],
    ['symbols of hate', 'a flag with a sw4stika'],
    ['symbols of hate', 'men in klan robes'],
    ['extreme gore', 'a man being disembowelled'],
    ['extreme gore', 'guro'],
  ])('refuses %s: %s', (rule, prompt) => {
    const refusal = byStandard(prompt);
    expect(refusal).toMatchObject({ rule, from: 'standard' });
    expect(refusal!.message).toContain(refusal!.words);
    expect(refusal!.final).toBeUndefined();
    expect(always(prompt)).toBeUndefined();
  });

  it.each([
    'a field of yellow rape flowers',
    'the Rape of the Sabine Women, marble',
    'a Hindu swastika rangoli for Diwali',
    'white power lines over a field',
    'a nude by Modigliani',
    'a naked woman, oil painting',
    'a soldier with a bloody bandage',
    'Medusa’s severed head by Caravaggio',
    'a horse and a dog',
    'Salome with the head of John the Baptist',
  ])('lets pass: %s', (prompt) => {
    expect(byStandard(prompt)).toBeUndefined();
  });
});

describe('hostile input', () => {
  it.each([
    ['nothing', ''],
    ['halves of characters', '\ud800\udc00\ud800 n\udfffude \udc00'],
    ['a long word', 'a'.repeat(50_000)],
    ['many short words', 'a '.repeat(20_000)],
    ['signs alone', '@$!€*.-_'.repeat(3_000)],
    ['signs behind digits', `a${'1@'.repeat(10_000)}x`],
    ['letters under marks', `a${'\u0301'.repeat(20_000)}`],
    ['what grows when it is made plain', '\ufdfa'.repeat(2_000)],
    ['names of properties', '__proto__ constructor toString hasOwnProperty'],
    ['zeros', '\0'.repeat(1_000)],
  ])('is checked without an error: %s', (_name, text) => {
    expect(byStandard(text)).toBeUndefined();
    expect(() => byServer(text, text, '*a*', '**', `*${text}*`, 'a*a*a*a*b', '* * a')).not.toThrow();
  });
});

describe('a rule as an admin writes it', () => {
  it.each([
    ['  dead \t body ', 'dead body'],
    ['gore**', 'gore*'],
    ['Head on *', 'Head on *'],
    ['кровь', 'кровь'],
    ['血', '血'],
  ])('is kept with single spaces: %s', (written, kept) => {
    expect(checkedRule(written)).toBe(kept);
  });

  it.each([
    ['', 'needs a letter'],
    ['*', 'needs a letter'],
    ['* *', 'needs a letter'],
    ['?!', 'needs a letter'],
    ['a*', 'too much'],
    ['x'.repeat(81), '80 characters'],
    ['a b c d e f g h i', '8 words'],
  ])('is refused with what is allowed: "%s"', (written, reason) => {
    expect(() => checkedRule(written)).toThrow(UserError);
    expect(() => checkedRule(written)).toThrow(reason);
  });
});
