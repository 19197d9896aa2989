// XXH64: the checksum by which a flipped bit in a frame sequence or a snapshot is found.

/// The 64-bit xxHash of a stretch of bytes with seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md). It
/// finds accidents; it is no defence against forgery.
public func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  func rotated(_ value: UInt64, by bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
  func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotated(lane &+ input &* prime2, by: 31) &* prime1
  }
  func word(_ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  var offset = 0
  var hash: UInt64
  if bytes.count >= 32 {
    var (a, b, c, d) = (prime1 &+ prime2, prime2, UInt64(0), 0 &- prime1)
    while offset + 32 <= bytes.count {
      a = round(a, word(offset))
      b = round(b, word(offset + 8))
      c = round(c, word(offset + 16))
      d = round(d, word(offset + 24))
      offset += 32
    }
    hash = rotated(a, by: 1) &+ rotated(b, by: 7) &+ rotated(c, by: 12) &+ rotated(d, by: 18)
    for lane in [a, b, c, d] { hash = (hash ^ round(0, lane)) &* prime1 &+ prime4 }
  } else {
    hash = prime5
  }
  hash &+= UInt64(bytes.count)
  while offset + 8 <= bytes.count {
    hash = rotated(hash ^ round(0, word(offset)), by: 27) &* prime1 &+ prime4
    offset += 8
  }
  if offset + 4 <= bytes.count {
    let half = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    hash = rotated(hash ^ (UInt64(half) &* prime1), by: 23) &* prime2 &+ prime3
    offset += 4
  }
  while offset < bytes.count {
    hash = rotated(hash ^ (UInt64(bytes[offset]) &* prime5), by: 11) &* prime1
    offset += 1
  }
  hash = (hash ^ hash >> 33) &* prime2
  hash = (hash ^ hash >> 29) &* prime3
  return hash ^ hash >> 32
}
