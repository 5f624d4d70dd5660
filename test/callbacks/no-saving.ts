/** Functions that a fit that makes no checkpoints would give its callbacks. */
export const noSaving = {
  saveCheckpoint: () => Promise.reject(new Error("none")),
  resume: () => Promise.reject(new Error("none")),
};
