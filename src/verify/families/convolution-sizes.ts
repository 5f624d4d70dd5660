import type { ConvolutionSizes } from "../../reference/convolution.ts";

/** Numbers for rows and for columns. */
type Pair = readonly [rows: number, columns: number];

/** A convolution by what its caller chooses; the image is as large as its windows need, and `rest`. */
export interface Chosen {
  readonly images?: number;
  readonly channels: number;
  readonly filters: number;
  readonly kernel: Pair;
  readonly stride?: Pair;
  readonly dilation?: Pair;
  /** Zeros above and on the left. */
  readonly before?: Pair;
  /** Zeros below and on the right. */
  readonly after?: Pair;
  /** Windows along rows and columns. */
  readonly windows: Pair;
  /** Rows and columns at the end that no window reaches, below the stride. */
  readonly rest?: Pair;
  readonly groups?: number;
}

const ONE: Pair = [1, 1];
const NONE: Pair = [0, 0];

/** Returns all sizes of a convolution; an image has at least one row and one column. */
export function convolutionSizes({
  images = 1,
  channels,
  filters,
  kernel,
  stride = ONE,
  dilation = ONE,
  before = NONE,
  after = NONE,
  windows,
  rest = NONE,
  groups = 1,
}: Chosen): ConvolutionSizes {
  const span = (i: 0 | 1): number => {
    const read = (windows[i] - 1) * stride[i] + (kernel[i] - 1) * dilation[i] + 1;
    return Math.max(1, read + rest[i] - before[i] - after[i]);
  };
  const [height, width] = [span(0), span(1)];
  // An image that was made longer has more windows.
  const count = (i: 0 | 1, length: number): number => {
    const room = length + before[i] + after[i] - (kernel[i] - 1) * dilation[i] - 1;
    return Math.floor(room / stride[i]) + 1;
  };
  return {
    ...{ images, height, width, channels },
    ...{ rows: count(0, height), columns: count(1, width), filters },
    ...{ kernelRows: kernel[0], kernelColumns: kernel[1] },
    ...{ strideRows: stride[0], strideColumns: stride[1] },
    ...{ dilationRows: dilation[0], dilationColumns: dilation[1] },
    ...{ top: before[0], left: before[1], groups },
  };
}

/** Kernels of 1 to 7 with strides of 1 to 3; dilation, channels, filters and padding vary with both. */
const everyKernel: readonly Chosen[] = [1, 2, 3, 4, 5, 6, 7].flatMap((kernel) =>
  [1, 2, 3].map((stride): Chosen => {
    const i = 3 * kernel + stride;
    const dilation = 1 + (i % 3);
    const channels = [1, 3, 17, 4, 64][i % 5]!;
    return {
      images: channels > 4 ? 1 : 3,
      channels,
      filters: [1, 8, 17, 5, 16, 33][i % 6]!,
      kernel: [kernel, kernel],
      stride: [stride, stride],
      dilation: [dilation, 1 + ((i + 1) % 3)],
      before: [i % 4, (i + 1) % 3],
      after: [i % 3, (i + 2) % 4],
      windows: [1 + (i % 4), 3 + (i % 5)],
      rest: [i % stride, (i + 1) % stride],
    };
  }),
);

/** Sizes that the former leave out. */
const special: readonly Chosen[] = [
  // No images.
  { images: 0, channels: 3, filters: 5, kernel: [3, 3], windows: [2, 3] },
  // Sums of more than 384 terms, in several blocks.
  { channels: 64, filters: 17, kernel: [3, 3], before: ONE, after: ONE, windows: [4, 5] },
  { channels: 130, filters: 32, kernel: [2, 3], stride: [1, 2], windows: [2, 4] },
  // Kernels and strides that differ, and strides past the kernel: some of x has no gradient.
  { images: 2, channels: 5, filters: 6, kernel: [3, 2], stride: [2, 1], windows: [4, 9] },
  { images: 2, channels: 4, filters: 9, kernel: [2, 1], stride: [3, 2], windows: [3, 4] },
  // A stride and a dilation with a common divisor, which leaves phases without taps.
  { channels: 3, filters: 7, kernel: [3, 3], stride: [2, 2], dilation: [2, 2], windows: [3, 4] },
  // One row, as sequences have it, and one pixel in much padding.
  { images: 2, channels: 3, filters: 8, kernel: [1, 3], before: [0, 4], windows: [1, 50] },
  { channels: 2, filters: 3, kernel: [3, 3], before: [2, 2], after: [2, 2], windows: [3, 3] },
  { channels: 2, filters: 3, kernel: [2, 2], before: [5, 4], after: [5, 5], windows: [9, 9] },
  // Images that are copied in bands, and many small ones.
  { channels: 17, filters: 3, kernel: [3, 3], before: ONE, after: ONE, windows: [45, 70] },
  // A single row of y reads more than a band, in planes that are not full of channels.
  { channels: 5, filters: 3, kernel: [7, 3], windows: [2, 998] },
  { images: 40, channels: 16, filters: 4, kernel: [2, 2], windows: [2, 3] },
];

/** Groups, and channels that have filters of their own. */
const grouped: readonly Chosen[] = [
  { images: 2, channels: 6, filters: 8, kernel: [3, 3], groups: 2, before: ONE, windows: [3, 5] },
  { channels: 51, filters: 30, kernel: [2, 3], stride: [2, 1], groups: 3, windows: [3, 4] },
  { channels: 8, filters: 64, kernel: [1, 1], groups: 2, windows: [3, 5] },
  // Two inputs in each group, which is not yet depthwise.
  { channels: 34, filters: 17, kernel: [3, 3], groups: 17, windows: [2, 2] },
  ...[1, 2, 3].flatMap((multiplier) =>
    [3, 17, 40].map((channels): Chosen => {
      const [stride, dilation] = [1 + (channels % 3), 1 + ((channels + multiplier) % 2)];
      return {
        images: 2,
        channels,
        filters: channels * multiplier,
        kernel: [3, 1 + multiplier],
        stride: [stride, 1 + (stride % 3)],
        dilation: [dilation, 1],
        before: [1, 0],
        after: [multiplier % 2, 1],
        windows: [3, 5],
        groups: channels,
      };
    }),
  ),
  // Depthwise in bands.
  { channels: 36, filters: 36, kernel: [3, 3], groups: 36, before: ONE, windows: [40, 60] },
];

/** Sizes of convolutions that cross every edge of the kernels. */
export const convolutions: readonly ConvolutionSizes[] = [
  ...everyKernel,
  ...special,
  ...grouped,
].map(convolutionSizes);
