/**
 * Types of an instruction's words beside numbers and addresses. The words of an instruction that is
 * unpacked by hand are the fields of a class that is laid over them.
 */

/** 0 or 1. */
export type Flag = i32;

/** Index in the function table of a kernel whose docstring names the instruction. */
export type Kernel = u32;

/** Index of a kernel of the instruction map, or LINEAR of gemm/epilogue.ts. */
export type Epilogue = i32;

/** Index of a kernel of the instruction mapGrad that takes y, or LINEAR. */
export type Slope = i32;
