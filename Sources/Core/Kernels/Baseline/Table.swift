// The table of the loops at this CPU level: how the other modules reach them.
import CKernels

/// The loops of this module.
public func kernelTable() -> ReelKernels {
  ReelKernels(
    panel_columns: panelColumns,
    pack_panels: {
      packPanels(size: $0, weight: $1, columns: $2, depth: $3, pitch: $4, step: $5, panels: $6)
    },
    copy_rows: { copyRows($0, rows: $1, depth: $2, pitch: $3, block: $4) },
    gather_rows: { gatherRows($0.pointee, firstRow: $1, rows: $2, firstColumn: $3, depth: $4, block: $5) },
    multiply: {
      multiply(
        rows: $0, columns: $1, depth: $2, block: $3, type: $4, panels: $5, panelDepth: $6, firstColumn: $7,
        firstDepth: $8, accumulates: $9 != 0, products: $10, pitch: $11, scratch: $12)
    },
    finish: {
      finish(
        rows: $0, columns: $1, products: $2, pitch: $3, bias: $4, slopes: $5, activation: $6, output: $7,
        outputPitch: $8)
    },
    attention_rows: blockQueries,
    attention_scratch: { attentionScratch(width: $0, valueWidth: $1) },
    attention_key_size: { attentionKeySize(count: $0, width: $1) },
    attention_value_size: { attentionValueSize(count: $0, width: $1) },
    attention_pack_keys: { packKeys($0, pitch: $1, count: $2, width: $3, packed: $4) },
    attention_pack_values: { packValues($0, pitch: $1, count: $2, width: $3, packed: $4) },
    attend: { attend($0.pointee, first: $1, rows: $2, scratch: $3) },
    layer_norm: {
      layerNorm(rows: $0, width: $1, x: $2, weight: $3, bias: $4, epsilon: $5, output: $6)
    },
    modulated_norm: {
      modulatedNorm(
        rows: $0, width: $1, x: $2, scale: $3, scalePitch: $4, shift: $5, shiftPitch: $6, epsilon: $7,
        output: $8)
    },
    rms_norm: { rmsNorm(rows: $0, width: $1, x: $2, weight: $3, epsilon: $4, output: $5) },
    channel_norm: { channelNorm(rows: $0, width: $1, x: $2, gamma: $3, activation: $4, output: $5) },
    softmax: { softmax(rows: $0, width: $1, x: $2, output: $3) },
    rotate: { rotate(heads: $0, pairs: $1, x: $2, cosines: $3, sines: $4, output: $5) },
    activate: { activate(count: $0, x: $1, activation: $2, output: $3) },
    combine: {
      combine(operation: $0, count: $1, left: $2, leftStep: $3, right: $4, rightStep: $5, output: $6)
    },
    scale: { scale(count: $0, x: $1, factor: $2, term: $3, output: $4) },
    add_gated: { addGated(count: $0, x: $1, gate: $2, gateStep: $3, sum: $4) })
}
