/** Arguments one to a line, so that commas inside them need no quoting. */
export const lines = (text: string) => text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
