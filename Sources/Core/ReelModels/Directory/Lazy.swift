// A part of a model that is read when it is first needed.

import Synchronization

/// A value that is made once, on first use, by whichever thread comes first; the others wait.
final class Lazy<Value: Sendable>: Sendable {
  private let make: @Sendable () throws(ModelError) -> Value
  private let made = Mutex<Value?>(nil)

  init(_ make: @escaping @Sendable () throws(ModelError) -> Value) { self.make = make }

  /// A failure is thrown again at the next use, after another try.
  var value: Value {
    get throws(ModelError) {
      try made.withLock { made throws(ModelError) in
        if let made { return made }
        let value = try make()
        made = value
        return value
      }
    }
  }
}
