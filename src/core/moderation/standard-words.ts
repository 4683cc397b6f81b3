// The list that Darkroom brings along: small, and in English. Knows no server.
//
// What a list of words can not do: it does not understand. It finds neither a picture that is described with other
// words or in another language, nor one that a model draws unasked, and it does not see the picture that a request
// starts from. It refuses some prompts that mean no harm, so moderators may allow them; but for sexual pictures of
// minors, where nobody may. Into that class falls everything sexual or bare beside a "girl" or "boy", whatever age was
// meant: who means an adult can say so. The safety checker of a model and people who report are needed beside it.

const listed = (phrases: string): string[] => phrases.split(', ');

export interface WordClass {
  /** In a sentence: "… is not drawn here: sexual violence". */
  name: string;
  /** One of each must be there. */
  all: readonly (readonly string[])[];
  /** Phrases in which those words mean nothing of the kind. */
  except: readonly string[];
  /** Applied for every server, and nobody may allow it. */
  final?: true;
  /** For who means no harm. */
  advice?: string;
}

const numbers =
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen';
const ages = [...Array.from({ length: 18 }, (_, age) => String(age)), ...numbers.split(' ')];

const minors = [
  ...listed('child, children, childs, childlike, kid, kids, kiddie, kiddo, toddler*, infant, infants'),
  ...listed('baby, babies, newborn*, preteen*, pre teen, pre teens, tween, tweens, teen, teens'),
  ...listed(
    'teenage, teenager*, teenaged, underage, underaged, under age, minor, minors, juvenile, juveniles',
  ),
  ...listed('adolescent*, youngster*, kiddies, grade schooler*'),
  ...listed('prepubescent, pre pubescent, pubescent, schoolgirl*, schoolboy*, schoolchild*, schoolkid*'),
  ...listed('school girl, school girls, school boy, school boys, loli, lolis, lolita, shota, shotas'),
  ...listed('kindergart*, preschool*, pre schooler*, middle schooler*, high schooler*, elementary school*'),
  ...['little', 'young', 'small', 'tiny', 'underdeveloped'].flatMap((size) =>
    ['girl', 'girls', 'boy', 'boys', 'daughter', 'son', 'sister', 'brother'].map((who) => `${size} ${who}`),
  ),
  ...ages.flatMap((age) => [
    `${age} year old*`,
    `${age} years old`,
    `${age} yr old`,
    `aged ${age}`,
    `age ${age}`,
  ]),
  ...ages.flatMap((age) => [`${age} yo`, `${age} y o`, `${age}yo`, `${age}yrs`]),
];

/** Of people of any age, and so of minors. */
const girlsAndBoys = listed('girl, girls, boy, boys');

const explicit = [
  ...listed('nude, nudes, nudity, naked, nakedness, unclothed, undressed, undressing, topless'),
  ...listed('nsfw, porn*, hentai, xxx, sex, sexual, sexually, intercourse'),
  ...listed('orgasm*, masturbat*, blowjob*, blow job, handjob*, hand job, deepthroat*, creampie*'),
  ...listed('cum, cumshot*, cumming, penis, penises, vagina*, vulva, genital*, genitalia, clitoris'),
  ...listed('nipples, fuck, fucked, fucking, gangbang*, threesome, bdsm, ejaculat*, fellatio'),
];

const suggestive = [
  ...listed('sexy, sexier, sexiest, sexualized, sexualised, erotic, erotica, eroticism, lewd, horny'),
  ...listed('seductive, seductively, aroused, fetish, lingerie, panties, upskirt, striptease, ahegao'),
  ...listed('pussy, boobs, tits, titties, big breasts, bare breasts, large breasts, huge breasts, rape'),
  ...listed('raped, molest*, stripper, slut, slutty'),
];

const innocent = [
  ...listed('naked mole rat*, naked eye, naked tree*, naked branch*, naked cake, naked juice, naked flame'),
  ...listed('no nudity, non nude, not nude, not naked, no naked *, without nudity, no nsfw, not nsfw'),
  ...listed('non sexual, not sexual, not sexy, sex education, same sex, opposite sex, sex pistols'),
  ...listed('nude lipstick, nude color*, nude colour*, nude tone*, nude palette, nude heels, nude shade*'),
  ...listed('nude pink, nude beige, nude nail*, pussy willow*, pussy cat*, pussy riot, cum laude'),
  ...listed('baby oil, baby doll, baby blue, baby pink, baby grand, sugar baby, kid gloves, kid leather'),
  ...listed('billy the kid, child free'),
  ...listed('juvenile plumage'),
  ...listed('girl friend, boy friend, cow girl*, cow boy*, game boy, beastie boys, spice girls'),
  ...listed('in a minor, b minor, c minor, d minor, e minor, f minor, g minor, sharp minor, flat minor'),
  ...listed('minor chord*, minor key*, minor scale*, minor third*, minor detail*'),
  ...listed('minor damage, minor wear, minor flaw*, minor scratch*, minor blemish*, minor imperfection*'),
  ...listed('minor planet*, minor arcana, ursa minor, canis minor'),
  ...listed('asia minor, vinca minor, bottle nipples, rubber nipples, silicone nipples'),
  ...listed('sex of the baby, blue tits, coal tits, tailed tits'),
  ...listed(
    'paint stripper, wire stripper, horny toad*, horny lizard*, aroused curiosity, curiosity aroused',
  ),
  ...listed('rape blossom*, oilseed rape'),
  ...listed('* year old whisk*, * year old scotch, * year old wine, * year old tree, * year old oak'),
  ...listed('* year old car, * year old house, * year old dog, * year old cat, * year old horse'),
  ...listed('teenage mutant ninja turtle*, rape seed, rape field*, rape flower*'),
];

const rapeArt = ['sabine*', 'europa', 'proserpina', 'persephone', 'lucretia', 'ganymede'].flatMap((whom) => [
  `rape of ${whom}`,
  `rape of the ${whom}`,
]);
const animals = [
  'dog',
  'dogs',
  'horse',
  'horses',
  'animal',
  'animals',
  'goat',
  'pig',
  'sheep',
  'donkey',
  'wolf',
];

export const finalClasses: readonly WordClass[] = [
  {
    name: 'sexual pictures of minors',
    all: [minors, [...explicit, ...suggestive]],
    except: innocent,
    final: true,
  },
  {
    name: 'sexual pictures of minors',
    all: [girlsAndBoys, [...explicit, ...suggestive]],
    except: innocent,
    final: true,
    advice: 'Of adults, say woman or man.',
  },
  {
    name: 'sexual pictures of minors',
    all: [
      [
        ...listed('lolicon, shotacon, jailbait, childporn*, kiddieporn*, toddlercon, cunny, pedoporn*'),
        ...listed('pedo porn*, pedophil* porn*, child erotica, child sexual *, child pornograph*'),
      ],
    ],
    except: [],
    final: true,
  },
];

export const standardClasses: readonly WordClass[] = [
  {
    name: 'sexual violence',
    all: [
      [
        ...listed('rape, rapes, raped, raping, rapist, rapists, gangrape*, noncon, non consensual'),
        ...listed(
          'nonconsensual, sexual assault, sexually assault*, sexually abus*, sexual abuse, forced sex',
        ),
        ...listed('molested, molesting, forced to have sex, sex slave*'),
      ],
    ],
    except: [
      ...listed('rape seed*, rape field*, rape flower*, rape blossom*, oilseed rape, rape plant*, rape oil'),
      ...rapeArt,
      ...listed('rape of the lock, rape crisis, anti rape, stop rape, stop sexual *, against sexual *'),
    ],
  },
  {
    name: 'sex with animals',
    all: [
      [
        ...listed('bestiality, beastiality, zoophil*, zoosadis*'),
        ...[
          'sex with',
          'sex with a',
          'sex with an',
          'sex with her',
          'sex with his',
          'fucking',
          'fucking a',
          'fucked by a',
        ].flatMap((act) => animals.map((animal) => `${act} ${animal}`)),
      ],
    ],
    except: [],
  },
  {
    name: 'symbols of hate',
    all: [
      [
        ...listed('swastika*, hakenkreuz*, nazi flag*, nazi salute*, nazi symbol*, nazi propaganda'),
        ...listed('hitler salute*, sieg heil, heil hitler, ku klux klan, kkk, klan robe*, klan hood*'),
        ...listed('white power, white supremac*, totenkopf'),
      ],
    ],
    except: [
      ...listed('hindu swastika*, buddhist swastika*, jain swastika*, sacred swastika*, swastika rangoli'),
      ...listed(
        'swastika diwali, diwali swastika*, white power line*, white power cord*, white power station*',
      ),
      ...listed('white power tool*, white power button*, white power ranger*, white power cable*'),
    ],
  },
  {
    name: 'extreme gore',
    all: [
      [
        ...listed('disembowel*, dismember*, guro, snuff film*, snuff video*, snuff movie*, gore porn'),
        ...listed('mutilated body, mutilated bodies, mutilated corpse*, mutilated child*, beheading video*'),
        ...listed('intestines spilling, intestines hanging, guts spilling, severed genitals, flayed alive'),
      ],
    ],
    except: [],
  },
];
