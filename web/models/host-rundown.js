/**
 * The run of show as the console lists it: each row with its key, where it is now, and what its one button does.
 */

/**
 * Keys of the rows in the order of the keyboard. Without y and z, which change places between layouts, and without the
 * bottom row, whose keys are commands.
 */
export const ROW_KEYS = [..."1234567890qwertuiopasdfghjkl"];

/**
 * @typedef {{sku: string, variant: string, quantity: number, per_customer?: number, opens_after_ms?: number,
 *   draw_ms?: number, open_ms?: number, confirm_email?: boolean}} PlannedDrop
 * @typedef {{number: number, title: Record<string, string>, at?: number, kind?: string, products?: string[],
 *   seconds?: number, anchor?: [number, number] | null, drop?: PlannedDrop | null}} Row as the API tells it
 * @typedef {{id: string, kind: string, products: readonly string[], at_ms: number, duration_ms: number}} Cue
 * @typedef {{id: string, state: string, sku?: string, variant?: string, quantity?: number, left?: number}} Drop
 * @typedef {{cues: readonly Cue[], drops: readonly Drop[]}} OnStage what is on the picture or on sale now
 * @typedef {{number: number, key: string, title: string, at: number, seconds: number, skus: readonly string[],
 *   drop: PlannedDrop | null, state: "ahead" | "next" | "on" | "done", id: string | null, left: number | null,
 *   total: number | null, endsAt: number | null}} RowView `id`: of the cue or drop that is on; `endsAt`: its media time
 */

/** A drop takes part in the show until one of these. */
const OVER = ["ended", "sold-out"];

/**
 * @param {readonly Row[]} rows
 * @param {OnStage} on
 * @param {Readonly<Record<number, string>>} begun row number -> id of the cue or drop that this console began last
 * @param {string} language
 * @returns {RowView[]}
 */
export function rowsOf(rows, on, begun, language) {
  const last = Math.max(0, ...Object.keys(begun).map(Number));
  const views = rows.map((row, index) => viewOf(row, index, on, begun, language));
  const next = views.find((view) => view.number > last && view.state === "ahead") ?? null;
  return views.map((view) => (view === next ? { ...view, state: "next" } : view));
}

/**
 * The row that the space bar acts on: the one that is next.
 * @param {readonly RowView[]} views
 */
export function nextRow(views) {
  return views.find((view) => view.state === "next") ?? null;
}

/**
 * The row of a key.
 * @param {readonly RowView[]} views
 * @param {string} key
 */
export function rowOfKey(views, key) {
  return views.find((view) => view.key !== "" && view.key === key.toLowerCase()) ?? null;
}

/**
 * @param {Row} row
 * @param {number} index
 * @param {OnStage} on
 * @param {Readonly<Record<number, string>>} begun
 * @param {string} language
 * @returns {RowView}
 */
function viewOf(row, index, on, begun, language) {
  const plan = row.drop ?? null;
  const drop = plan ? dropOf(plan, on.drops, begun[row.number]) : null;
  const cue = plan ? null : cueOf(row, on.cues, begun[row.number]);
  const running = cue !== null || (drop !== null && !OVER.includes(drop.state));
  return {
    number: row.number,
    key: ROW_KEYS[index] ?? "",
    title: row.title[language] ?? row.title["en"] ?? "",
    at: row.at ?? 0,
    seconds: row.seconds ?? 8,
    skus: plan ? [plan.sku] : (row.products ?? []),
    drop: plan,
    state: running ? "on" : row.number in begun ? "done" : "ahead",
    id: running ? (cue?.id ?? drop?.id ?? null) : null,
    left: drop?.left ?? null,
    total: drop?.quantity ?? plan?.quantity ?? null,
    endsAt: cue ? cue.at_ms + cue.duration_ms : null,
  };
}

/**
 * The row's cue on the picture: the one begun here, else one that another console or the autopilot began.
 * @param {Row} row
 * @param {readonly Cue[]} cues
 * @param {string | undefined} id
 */
function cueOf(row, cues, id) {
  const products = (row.products ?? []).join();
  return (
    cues.find((cue) => cue.id === id) ??
    cues.find((cue) => cue.kind === row.kind && cue.products.join() === products) ??
    null
  );
}

/**
 * @param {PlannedDrop} plan
 * @param {readonly Drop[]} drops
 * @param {string | undefined} id
 */
function dropOf(plan, drops, id) {
  const mine = drops.find((drop) => drop.id === id);
  const other = drops.findLast((drop) => drop.variant === plan.variant && !OVER.includes(drop.state));
  return other ?? mine ?? null;
}
