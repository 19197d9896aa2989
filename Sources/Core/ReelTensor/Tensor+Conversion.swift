// From one element type to another: exact where the target can hold the number, to the nearest even where not.

extension Tensor {
  /// The same numbers as another element type.
  ///
  /// Floats round to the nearest (ties to even); floats to integers round to the nearest and clamp, NaN becomes 0.
  public func converted(to target: ElementType) -> Tensor {
    if target == elementType { return self }
    if target == .float32 { return toFloat32() }
    return (elementType == .float32 ? self : toFloat32()).fromFloat32(to: target)
  }

  private func toFloat32() -> Tensor {
    withBytes { bytes in
      Tensor(shape) { output in
        func load<Source>(_ type: Source.Type, _ convert: (Source) -> Float) {
          let size = MemoryLayout<Source>.size
          for index in output.indices {
            output[index] = convert(bytes.loadUnaligned(fromByteOffset: index * size, as: type))
          }
        }
        switch elementType {
        case .float32: load(Float.self) { $0 }
        case .float64: load(Double.self) { Float($0) }
        case .float16: load(UInt16.self) { HalfPrecision.float(float16: $0) }
        case .bfloat16: load(UInt16.self) { HalfPrecision.float(bfloat16: $0) }
        case .int32: load(Int32.self) { Float($0) }
        case .int64: load(Int64.self) { Float($0) }
        case .uint8, .bool: load(UInt8.self) { Float($0) }
        }
      }
    }
  }

  private func fromFloat32(to target: ElementType) -> Tensor {
    let result = Tensor(uninitialized: shape, elementType: target)
    withFloats { input in
      func store<Target>(_ type: Target.Type, _ convert: (Float) -> Target) {
        let output = (result.storage.bytes + result.byteOffset).assumingMemoryBound(to: type)
        for index in input.indices { output[index] = convert(input[index]) }
      }
      switch target {
      case .float32: store(Float.self) { $0 }
      case .float64: store(Double.self) { Double($0) }
      case .float16: store(UInt16.self) { HalfPrecision.float16($0) }
      case .bfloat16: store(UInt16.self) { HalfPrecision.bfloat16($0) }
      case .int32: store(Int32.self) { nearestInteger($0) }
      case .int64: store(Int64.self) { nearestInteger($0) }
      case .uint8: store(UInt8.self) { nearestInteger($0) }
      case .bool: store(UInt8.self) { $0 == 0 ? 0 : 1 }
      }
    }
    return result
  }
}

/// To the nearest whole number that `Target` can hold.
private func nearestInteger<Target: FixedWidthInteger>(_ value: Float) -> Target {
  if value.isNaN { return 0 }
  let rounded = value.rounded(.toNearestOrEven)
  return Target(exactly: rounded) ?? (rounded < 0 ? Target.min : Target.max)
}

/// The 16-bit floating-point formats, from and to `Float`, by their bits.
enum HalfPrecision {
  static func float(bfloat16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  static func bfloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    // A NaN whose payload lies in the lower half must not round to infinity.
    if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
  }

  static func float(float16 bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits) & 0x3FF
    if exponent == 0x1F { return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13) }
    if exponent == 0 {
      // Subnormal: a multiple of 2⁻²⁴.
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    }
    return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }

  static func float16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let magnitude = bits & 0x7FFF_FFFF
    if magnitude > 0x7F80_0000 { return sign | 0x7E00 }
    // 65520 and above round to infinity.
    if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
    if magnitude < 0x3880_0000 {
      // Below 2⁻¹⁴: adding ½ leaves the multiple of 2⁻²⁴, rounded to even, in the lowest bits.
      let shifted = Float(bitPattern: magnitude) + 0.5
      return sign | UInt16(truncatingIfNeeded: shifted.bitPattern &- Float(0.5).bitPattern)
    }
    let rounded = magnitude &+ 0xFFF &+ ((magnitude >> 13) & 1) &- 0x3800_0000
    return sign | UInt16(truncatingIfNeeded: rounded >> 13)
  }
}
