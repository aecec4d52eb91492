/// Finds which of many words stand in a text, in one pass over its bytes whatever their number.
///
/// An automaton of Aho and Corasick over UTF-8, with bytes that no word holds folded into one class to keep the table
/// small. Letters of ASCII are compared without case.
public struct WordFinder: Sendable {
    public let count: Int
    private let classes: [UInt8]
    private let width: Int
    /// Where the row of the next state begins, for where that of a state begins + class: rows are in the order of states.
    ///
    /// The complement of it where words end in the next state.
    private let next: [Int32]
    /// Where each state's words begin in `words`; one more entry than states.
    private let begins: [Int32]
    private let words: [Int32]

    /// Builds the automaton; a word's number is its place in `list`, and empty words are never found.
    public init(_ list: [String]) {
        let spellings = list.map { $0.utf8.map(Self.folded) }
        var (classes, width) = ([UInt8](repeating: 0, count: 256), 1)
        for byte in spellings.joined() where classes[Int(byte)] == 0 {
            classes[Int(byte)] = UInt8(width)
            width += 1
        }
        for letter in UInt8(ascii: "A")...UInt8(ascii: "Z") { classes[Int(letter)] = classes[Int(Self.folded(letter))] }

        var next = [Int32](repeating: -1, count: width)
        var ends: [[Int32]] = [[]]
        for (number, spelling) in spellings.enumerated() where !spelling.isEmpty {
            var state = 0
            for byte in spelling {
                let slot = state * width + Int(classes[Int(byte)])
                if next[slot] < 0 {
                    next[slot] = Int32(ends.count)
                    next.append(contentsOf: repeatElement(-1, count: width))
                    ends.append([])
                }
                state = Int(next[slot])
            }
            ends[state].append(Int32(number))
        }

        // Breadth first, so that the state that a failure leads to is finished before it is needed.
        var failure = [Int32](repeating: 0, count: ends.count)
        var (queue, head) = ([Int32](), 0)
        for letter in 0..<width {
            if next[letter] < 0 { next[letter] = 0 } else { queue.append(next[letter]) }
        }
        while head < queue.count {
            let state = Int(queue[head])
            head += 1
            let fallback = Int(failure[state])
            ends[state].append(contentsOf: ends[fallback])
            for letter in 0..<width {
                let slot = state * width + letter
                let other = next[fallback * width + letter]
                if next[slot] < 0 {
                    next[slot] = other
                } else {
                    failure[Int(next[slot])] = other
                    queue.append(next[slot])
                }
            }
        }

        var begins: [Int32] = [0]
        for state in ends { begins.append(begins[begins.count - 1] + Int32(state.count)) }
        count = list.count
        self.classes = classes
        self.width = width
        self.next = next.map { ends[Int($0)].isEmpty ? $0 * Int32(width) : ~($0 * Int32(width)) }
        self.begins = begins
        words = Array(ends.joined())
    }

    /// Sets the places in `found` of all words that stand in `text`; `found` must have `count` places.
    public func mark(_ text: String, in found: inout [Bool]) {
        find(in: text) { word, _ in found[word] = true }
    }

    /// Calls `body` with each place where a word stands in `text`: the word's number, and the byte behind it.
    @inline(__always)
    public func find(in text: String, _ body: (_ word: Int, _ end: Int) -> Void) {
        var text = text
        text.withUTF8 { bytes in
            classes.withUnsafeBufferPointer { classes in
                next.withUnsafeBufferPointer { next in
                    var row = 0
                    for place in bytes.indices {
                        let following = Int(next[row + Int(classes[Int(bytes[place])])])
                        row = following < 0 ? ~following : following
                        if following >= 0 { continue }
                        let state = row / width
                        for index in begins[state]..<begins[state + 1] { body(Int(words[Int(index)]), place + 1) }
                    }
                }
            }
        }
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
