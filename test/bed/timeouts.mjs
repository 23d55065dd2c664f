// @ts-check
/** Waiting limits are for a quiet machine with two cores; `E2E_TIMEOUT_SCALE` stretches all of them. */
const scale = Number(process.env.E2E_TIMEOUT_SCALE ?? 1);

/** @param {number} milliseconds */
export const scaled = (milliseconds) => milliseconds * scale;
