// The colours of a report's picture: a dark card of its own, which stands well on white and on dark chats alike. Amber
// and sky blue are of Okabe and Ito's palette, told apart with every kind of colour vision.

export const card = '#1b1c21';

/** What is written on the card; each has a contrast of 4.5 to 1 and more. */
export const inks = { strong: '#f4f4f5', soft: '#b9bbc4', time: '#f0a81c', pictures: '#62baec' } as const;

/** What is no text. */
export const lines = { edge: '#484b56', rule: '#32343c', track: '#2c2e36' } as const;
