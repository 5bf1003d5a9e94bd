/** Longest name of a class or label. */
export const MAX_LABEL_CHARACTERS = 100;

/** Checks the name of a class or label.
 * @returns what is wrong with it; undefined for a good name */
export function labelNameProblem(label: string): string | undefined {
  if (label.trim() === '') return 'its label is empty';
  if (label.length > MAX_LABEL_CHARACTERS)
    return `its label has more than ${MAX_LABEL_CHARACTERS} characters`;
  return hasControls(label) ? 'its label has control characters' : undefined;
}

export function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
