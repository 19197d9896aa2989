// Messages over a socket: four bytes of length, little-endian, then JSON.

import Glibc
import ReelStage

/// What ended a conversation.
package enum ChannelError: Error, Hashable {
  /// The other side is gone.
  case closed
  /// What came is no message.
  case nonsense
}

/// Writes messages to a socket.
package struct MessageWriter: Sendable {
  package let descriptor: Int32

  package init(descriptor: Int32) { self.descriptor = descriptor }

  /// Waits until the socket has taken the whole message.
  package func send(_ json: JSON) throws(ChannelError) {
    let body = Array(json.text.utf8)
    let length = UInt32(body.count)
    var message = (0..<4).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
    message += body
    var done = 0
    while done < message.count {
      let count = message.withUnsafeBytes { bytes in
        // Without the flag a worker's death would be the host's, by SIGPIPE.
        Glibc.send(descriptor, bytes.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      if count > 0 { done += count } else if errno != EINTR { throw .closed }
    }
  }
}

/// Collects the bytes that a socket delivers and cuts them into messages.
package struct MessageReader {
  /// A longer message is taken for nonsense; a manifest of a thousand parameters is a hundredth of it.
  package static let longestMessage = 16 << 20

  private let descriptor: Int32
  private var pending: [UInt8] = []

  package init(descriptor: Int32) { self.descriptor = descriptor }

  /// Waits for some bytes and keeps them.
  package mutating func fill() throws(ChannelError) {
    var count = -1
    let chunk = [UInt8](unsafeUninitializedCapacity: 65536) { buffer, filled in
      repeat { count = read(descriptor, buffer.baseAddress, buffer.count) } while count < 0 && errno == EINTR
      filled = max(0, count)
    }
    guard count > 0 else { throw .closed }
    pending += chunk
  }

  /// The next whole message among the bytes kept; `nil` until there is one.
  package mutating func next() throws(ChannelError) -> JSON? {
    guard pending.count >= 4 else { return nil }
    let length = (0..<4).reduce(0) { $0 | Int(pending[$1]) << ($1 * 8) }
    guard length <= Self.longestMessage else { throw .nonsense }
    guard pending.count >= 4 + length else { return nil }
    let body = Array(pending[4..<4 + length])
    pending.removeFirst(4 + length)
    let json = body.withUnsafeBytes { bytes in try? JSON(parsing: bytes) }
    guard let json else { throw .nonsense }
    return json
  }

  /// Waits for the next message.
  package mutating func receive() throws(ChannelError) -> JSON {
    while true {
      if let message = try next() { return message }
      try fill()
    }
  }
}
