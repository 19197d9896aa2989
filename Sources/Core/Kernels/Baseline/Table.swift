// The table of the loops at this CPU level: how the other modules reach them.
import CKernels

/// The loops of this module.
public func kernelTable() -> ReelKernels {
  ReelKernels(
    panel_columns: panelColumns,
    pack_panels: {
      packPanels(size: $0, weight: $1, columns: $2, depth: $3, pitch: $4, step: $5, panels: $6)
    },
    round_rows: {
      roundRows(rows: $0, width: $1, x: $2, pitch: $3, words: $4, output: $5, outputPitch: $6)
    },
    quantize_rows: {
      quantizeRows(
        rows: $0, width: $1, x: $2, pitch: $3, scales: $4, offset: $5, words: $6, output: $7,
        outputPitch: $8)
    },
    byte_scales: { byteScales(rows: $0, width: $1, x: $2, scales: $3) },
    copy_rows: { copyRows($0, rows: $1, depth: $2, pitch: $3, block: $4) },
    gather_rows: { gatherRows($0.pointee, firstRow: $1, rows: $2, firstColumn: $3, depth: $4, block: $5) },
    multiply: {
      multiply(
        rows: $0, columns: $1, depth: $2, block: $3, product: $4, panels: $5, panelDepth: $6, firstColumn: $7,
        firstWord: $8, accumulates: $9 != 0, epilogue: $10, products: $11, pitch: $12, scratch: $13)
    },
    finish: {
      finish(
        rows: $0, columns: $1, products: $2, pitch: $3, epilogue: $4.pointee, output: $5, outputPitch: $6)
    },
    place_patches: {
      placePatches($0.pointee, $1.pointee, row: $2, chunkWords: $3, chunks: $4, zeros: $5, blocks: $6)
    },
    add_patch_products: {
      addPatchProducts(
        count: $0, columns: $1, row: $2, products: $3, bias: $4, biasCount: $5, sums: $6)
    },
    write_patches: {
      writePatches(
        $0.pointee, $1.pointee, columns: $2, sums: $3, epilogue: $4.pointee, outputs: $5, output: $6)
    },
    attention_rows: blockQueries,
    attention_scratch: { attentionScratch(width: $0, valueWidth: $1) },
    attention_key_size: { attentionKeySize(count: $0, width: $1) },
    attention_value_size: { attentionValueSize(count: $0, width: $1) },
    attention_pack_keys: {
      packKeys($0, $1, pitch: $2, count: $3, width: $4, packed: $5, scratch: $6)
    },
    attention_pack_values: {
      packValues($0, $1, pitch: $2, count: $3, width: $4, packed: $5)
    },
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
