export type Shape = readonly number[];

/** What is known of a value before a network runs. */
export interface Value {
  readonly shape: Shape;
  /** Bytes of an element. */
  readonly width: number;
  /** Whether it stands in the file. */
  readonly constant: boolean;
  /** Of whole numbers in the file. */
  readonly values?: readonly number[];
}
