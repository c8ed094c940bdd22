/** Content that is larger travels in parts of this size, so that a broken connection costs one of them. */
export const PART_BYTES = 8 * 1024 * 1024;
