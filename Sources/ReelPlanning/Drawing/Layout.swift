// A layered layout of a drawing: from left to right, few crossings, nothing over anything else.
//
// The method is that of Sugiyama, Tagawa and Toda (1981): layers by the longest path, order in a layer by the
// mean of the neighbours' places, then positions as near to the neighbours as the distances allow.

/// Where boxes stand and arrows run. Lengths are in pixels; x goes right, y goes down.
struct Layout: Hashable {
  struct Rectangle: Hashable {
    var x = 0.0
    var y = 0.0
    var width: Double
    var height: Double
  }

  /// By box.
  private(set) var boxes: [Rectangle]
  /// By arrow, the points that it runs through: from the right side of its source, between boxes, to the left
  /// side of its target.
  private(set) var arrows: [[(x: Double, y: Double)]] = []
  private(set) var width = 0.0
  private(set) var height = 0.0

  static let layerGap = 112.0
  /// How far an arrow runs level before it arrives: room for the port's name above it.
  static let arrival = 62.0
  static let boxGap = 18.0
  /// Between arrows that pass a layer, and from one to the next place where arrows end at a box.
  static let arrowGap = 14.0
  static let margin = 16.0

  /// What has a place in a layer: a box, or a point that a long arrow passes through.
  private struct Slot {
    let layer: Int
    let height: Double
    /// Slots of the layer before, and of the next one.
    var before: [Int] = []
    var after: [Int] = []
    /// The middle.
    var y = 0.0
  }

  private var slots: [Slot] = []
  /// By layer, its slots from the top.
  private var layers: [[Int]] = []
  /// By arrow, the slots that it passes, its ends included.
  private var routes: [[Int]] = []

  /// - Parameter sizes: by box.
  init(_ drawing: Drawing, sizes: [(width: Double, height: Double)]) {
    boxes = sizes.map { Rectangle(width: $0.width, height: $0.height) }
    makeSlots(drawing)
    orderLayers()
    placeVertically()
    placeBoxes()
    routeArrows(drawing)
  }

  static func == (left: Layout, right: Layout) -> Bool {
    left.boxes == right.boxes
      && left.arrows.map { $0.map { [$0.x, $0.y] } } == right.arrows.map { $0.map { [$0.x, $0.y] } }
  }

  func hash(into hasher: inout Hasher) { hasher.combine(boxes) }

  // MARK: Layers

  /// By box, its layer: one after the last of its sources; a box without sources stands just before its first
  /// reader.
  private static func layers(of drawing: Drawing) -> [Int] {
    var layers = [Int](repeating: 0, count: drawing.boxes.count)
    var sources = [[Int]](repeating: [], count: drawing.boxes.count)
    var readers = sources
    for arrow in drawing.arrows {
      sources[arrow.target].append(arrow.source)
      readers[arrow.source].append(arrow.target)
    }
    // Sources come before their readers, outputs last.
    for box in layers.indices { layers[box] = (sources[box].map { layers[$0] + 1 }.max() ?? 0) }
    for box in layers.indices where sources[box].isEmpty {
      if let first = readers[box].map({ layers[$0] }).min() { layers[box] = first - 1 }
    }
    return layers
  }

  private mutating func makeSlots(_ drawing: Drawing) {
    let layerOfBox = Self.layers(of: drawing)
    layers = Array(repeating: [], count: (layerOfBox.max() ?? -1) + 1)
    for box in boxes.indices { addSlot(layer: layerOfBox[box], height: boxes[box].height) }
    for arrow in drawing.arrows {
      var route = [arrow.source]
      for layer in layerOfBox[arrow.source] + 1..<max(layerOfBox[arrow.source] + 1, layerOfBox[arrow.target])
      {
        route.append(slots.count)
        addSlot(layer: layer, height: 0)
      }
      route.append(arrow.target)
      for (slot, next) in zip(route, route.dropFirst()) {
        slots[slot].after.append(next)
        slots[next].before.append(slot)
      }
      routes.append(route)
    }
  }

  private mutating func addSlot(layer: Int, height: Double) {
    layers[layer].append(slots.count)
    slots.append(Slot(layer: layer, height: height))
  }

  // MARK: Order and height

  /// Moves every slot to the mean place of its neighbours, layer by layer, forth and back.
  private mutating func orderLayers() {
    var place = [Double](repeating: 0, count: slots.count)
    func note(_ layer: [Int]) { for (index, slot) in layer.enumerated() { place[slot] = Double(index) } }
    for layer in layers { note(layer) }
    for round in 0..<8 {
      let isForward = round % 2 == 0
      for index in isForward ? Array(layers.indices) : layers.indices.reversed() {
        let wanted = layers[index].map { slot in
          let neighbours = isForward ? slots[slot].before : slots[slot].after
          return neighbours.isEmpty
            ? place[slot] : neighbours.reduce(0) { $0 + place[$1] } / Double(neighbours.count)
        }
        // Equal ones stay in their order.
        let order = layers[index].indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
        layers[index] = order.map { layers[index][$0] }
        note(layers[index])
      }
    }
  }

  private func distance(_ above: Int, _ below: Int) -> Double {
    let isArrow = slots[above].height == 0 || slots[below].height == 0
    return (slots[above].height + slots[below].height) / 2 + (isArrow ? Self.arrowGap : Self.boxGap)
  }

  /// Moves every slot to the mean height of its neighbours, as far as the slots of its layer leave room.
  private mutating func placeVertically() {
    for layer in layers {
      var y = 0.0
      for (index, slot) in layer.enumerated() {
        if index > 0 { y += distance(layer[index - 1], slot) }
        slots[slot].y = y
      }
    }
    for round in 0..<12 {
      let isForward = round % 2 == 0
      for layer in isForward ? layers : layers.reversed() {
        let wanted = layer.map { slot in
          let neighbours = isForward ? slots[slot].before : slots[slot].after
          return neighbours.isEmpty
            ? slots[slot].y : neighbours.reduce(0) { $0 + slots[$1].y } / Double(neighbours.count)
        }
        for (slot, y) in zip(layer, spread(layer, wanted)) { slots[slot].y = y }
      }
    }
  }

  /// The heights nearest to `wanted`, by least squares, at which the slots keep their order and distances: what
  /// would overlap is pooled and stands around its mean.
  private func spread(_ layer: [Int], _ wanted: [Double]) -> [Double] {
    var offsets: [Double] = []
    for (index, slot) in layer.enumerated() {
      offsets.append(index == 0 ? 0 : offsets[index - 1] + distance(layer[index - 1], slot))
    }
    var pools: [(sum: Double, count: Int)] = []
    for index in layer.indices {
      pools.append((wanted[index] - offsets[index], 1))
      while pools.count > 1,
        pools[pools.count - 2].sum / Double(pools[pools.count - 2].count)
          > pools[pools.count - 1].sum / Double(pools[pools.count - 1].count)
      {
        let last = pools.removeLast()
        pools[pools.count - 1].sum += last.sum
        pools[pools.count - 1].count += last.count
      }
    }
    let starts = pools.flatMap { pool in Array(repeating: pool.sum / Double(pool.count), count: pool.count) }
    return zip(starts, offsets).map { $0 + $1 }
  }

  // MARK: Places

  private mutating func placeBoxes() {
    let top = slots.map { $0.y - $0.height / 2 }.min() ?? 0
    for slot in slots.indices { slots[slot].y += Self.margin - top }
    var x = Self.margin
    for layer in layers {
      let members = layer.filter { $0 < boxes.count }
      let widest = members.map { boxes[$0].width }.max() ?? 0
      for box in members {
        boxes[box].width = widest
        boxes[box].x = x
        boxes[box].y = (slots[box].y - boxes[box].height / 2).rounded()
      }
      x += widest + Self.layerGap
    }
    width = x - (layers.isEmpty ? 0 : Self.layerGap) + Self.margin
    height = (slots.map { $0.y + $0.height / 2 }.max() ?? 0) + Self.margin
  }

  /// Arrows end at a box in the order in which they come from above.
  private mutating func routeArrows(_ drawing: Drawing) {
    var entries = [[Int]](repeating: [], count: boxes.count)
    for (index, arrow) in drawing.arrows.enumerated() { entries[arrow.target].append(index) }
    var entry = [Double](repeating: 0, count: drawing.arrows.count)
    for box in boxes.indices {
      let sorted = entries[box].sorted { (slots[cameFrom($0)].y, $0) < (slots[cameFrom($1)].y, $1) }
      let gap = min(Self.arrowGap, boxes[box].height / Double(max(1, sorted.count)))
      for (place, arrow) in sorted.enumerated() {
        entry[arrow] = slots[box].y + (Double(place) - Double(sorted.count - 1) / 2) * gap
      }
    }
    let columns = layers.map { layer in
      layer.filter { $0 < boxes.count }.map { (boxes[$0].x, boxes[$0].x + boxes[$0].width) }.first ?? (0, 0)
    }
    for (index, arrow) in drawing.arrows.enumerated() {
      let source = boxes[arrow.source]
      var points = [(x: source.x + source.width, y: slots[arrow.source].y)]
      for slot in routes[index].dropFirst().dropLast() {
        let column = columns[slots[slot].layer]
        points += [(column.0, slots[slot].y), (column.1, slots[slot].y)]
      }
      let end = boxes[arrow.target].x
      points += [(end - Self.arrival, entry[index]), (end, entry[index])]
      arrows.append(points)
    }
  }

  /// The slot before an arrow's target.
  private func cameFrom(_ arrow: Int) -> Int { routes[arrow][routes[arrow].count - 2] }
}
