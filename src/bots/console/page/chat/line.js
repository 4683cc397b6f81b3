// What a typed line says about the picture it starts from. Plain functions of the text.

const IMAGE = /\s*--image[ =]+([\w-]+(?:,[\w-]+)*)(?=\s|$)/gi;

/** Ids of pictures that we keep; addresses elsewhere are not among them. */
export function storedImages(text) {
  return [...text.matchAll(IMAGE)].flatMap(([, ids]) => ids.split(','));
}

export function withoutImages(text) {
  return text.replace(IMAGE, '');
}

export function withImage(text, id) {
  return id === undefined ? text : `${withoutImages(text)} --image ${id}`;
}

/** Whether a line asks for pictures, so that a picture to start from means something. */
export function draws(text) {
  return /^\/imagine(\s|$)/i.test(text);
}
