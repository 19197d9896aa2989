// The campaign that `reel init` writes: small, quick, and commented where a user will change it.

import Glibc
import ReelMedia

/// A file to be written.
struct NewFile {
  enum Content {
    case text(String)
    case script(String)
    case picture(Image)
  }

  let name: String
  let content: Content
}

/// A first campaign: one shot list, two markets, one small format.
struct NewCampaign {
  private let name: String

  /// - Parameter name: what to call it: the last step of this path, if that can be a name.
  init(name: String) {
    let last = name.split(separator: "/").last.map { $0.lowercased() } ?? ""
    let isName =
      !last.isEmpty
      && last.utf8.allSatisfy { byte in
        (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
      }
    self.name = isName ? last : "my-campaign"
  }

  var files: [NewFile] {
    [
      NewFile(name: "campaign.yaml", content: .text(pipeline)),
      NewFile(name: "markets.csv", content: .text(Self.markets)),
      NewFile(name: "logo.png", content: .picture(Self.logo)),
      NewFile(name: "README.md", content: .text(readme)),
    ]
  }

  private var pipeline: String {
    #"""
    # A first campaign: two shots, the brand's words over them, one film for each market.
    #
    #   reel build          makes the films in renders/
    #   reel plan           tells what a build would run, and why
    #   reel stages NAME    tells everything that a stage can be asked for
    #
    # Change a headline in markets.csv and build again: only that market's film is made anew.
    reel: 1
    name: \#(name)

    vars:
      brief: a red can of sparkling water in snowy mountains   # what the film shows
      seed: 7                                                  # another number gives another film
      steps: 6                                                 # more is finer and slower; leave it out for the model's own
      colour: "#c8102e"                                        # the brand's

    matrix:
      market: {from: markets.csv}                              # one row a market
      format: [{id: 16x9, size: 640x360}]                      # for delivery: 1920x1080; another row makes more films

    stages:
      # One full prompt a shot, out of the brief.
      prompts:
        stage: prompt-expansion
        with: {brief: "${vars.brief}", shots: 2, seconds: 1.5, seed: "${vars.seed}", model: embedded}

      # The stills that each shot runs between. 'embedded' comes with reel; any Wan 2.1 directory works in its place.
      keyframes:
        stage: keyframe-generation
        in: {prompts: prompts}
        with: {model: embedded, aspect: "${matrix.format.size}", steps: "${vars.steps}"}

      # The footage: names no market, so it is made once for all of them.
      footage:
        stage: patch-diffusion
        in: {prompts: prompts, keyframes: keyframes}
        with: {model: embedded, steps: "${vars.steps}"}

      master:
        stage: upscaling
        in: {frames: footage}
        with: {size: "${matrix.format.size}", fps: 25}

      # Logo, headline, call to action, legal line. Percentages, so that they fit every format.
      branded:
        stage: ad-overlay
        in: {frames: master}
        with:
          language: ${matrix.market.locale}
          layers:
            - {image: logo.png, anchor: top-start, margin: {x: 5%, y: 5%}, height: 16%}
            - {name: legal, text: "${matrix.market.legal}", anchor: bottom-start, margin: {x: 5%, y: 4%}, width: 90%, size: 3.5%}
            - name: call
              text: ${matrix.market.cta}
              anchor: bottom-start
              above: legal
              margin: {x: 5%, y: 5%}
              weight: bold
              size: 6%
              background: {colour: "${vars.colour}", radius: 100%}
              at: 1                                            # seconds from the start
              enter: {seconds: 0.4, slide: up}
            - name: headline
              text: ${matrix.market.headline}
              anchor: bottom-start
              above: call
              margin: {x: 5%, y: 5%}
              width: 80%
              weight: bold
              size: 10%
              shadow: {}
              at: 0.3
              enter: {seconds: 0.5, slide: up}

      spot:
        stage: encoding
        in: {frames: branded}
        with: {for: preview}                                   # youtube, reels or tiktok for delivery

    outputs:
      renders/${name}-${matrix.market.id}-${matrix.format.id}.mp4: spot

    """#
  }

  private static let markets = """
    id,locale,headline,cta,legal
    en,en-GB,Mountain cold. Pure sparkle.,Taste the cold,Please recycle the can.
    de,de-DE,Kalt wie der Berg. Klar wie nie.,Jetzt probieren,Bitte die Dose zurückgeben.

    """

  private var readme: String {
    """
    # \(name)

    `reel build` here makes a film for each market in `renders/`.

    | file | what it is |
    |---|---|
    | `campaign.yaml` | the brief, the stages that make the film, the formats |
    | `markets.csv` | one row a market: headline, call to action, legal line |
    | `logo.png` | a place for your logo: a PNG with a transparent background |

    `reel build --watch` builds again whenever one of them is saved. `.reel/` keeps every result, so going back to an
    earlier text is instant; it can be removed at any time.

    """
  }

  /// A film reel in white on nothing: a disc of 236 pixels with five windows and a hub.
  static var logo: Image {
    let side = 256
    var pixels = [UInt8](repeating: 255, count: side * side * 4)
    let windows = (0..<5).map { index in
      let angle = (Double(index) / 5 - 0.25) * 2 * Double.pi
      return (x: 66 * cos(angle), y: 66 * sin(angle), radius: 27.0)
    }
    for row in 0..<side {
      for column in 0..<side {
        let (x, y) = (Double(column) - 127.5, Double(row) - 127.5)
        // How much of the pixel lies in the disc and outside of every hole.
        var coverage = min(1, max(0, 118.5 - hypot(x, y)))
        for hole in windows + [(x: 0, y: 0, radius: 13)] {
          coverage *= min(1, max(0, hypot(x - hole.x, y - hole.y) - hole.radius + 0.5))
        }
        pixels[4 * (row * side + column) + 3] = UInt8((255 * coverage).rounded())
      }
    }
    return Image(size: Size(width: side, height: side), pixels: pixels)
  }
}
