/// Finds the place of a case in its text, by the names of the county's regions.
///
/// Of names that lie within each other the longest counts, so 老石桥村 is not 石桥. A name that several regions share counts where a region
/// around one of them is named, too. What is named in the title counts before what is named in the narrative.
public struct PlaceFinder: Sendable {
    /// A place that was found, and the names that led to it.
    public struct Finding: Codable, Sendable, Hashable {
        public var region: RegionCode
        public var names: [String]

        public init(region: RegionCode, names: [String]) {
            self.region = region
            self.names = names
        }
    }

    /// No more of a text is looked at.
    private static let mostBytes = 16_384

    private let tree: CodeTree<RegionCode>
    private let finder: WordFinder
    private let names: [String]
    /// The regions of each name.
    private let regions: [[RegionCode]]

    public init(_ index: CountyIndex) {
        var (numbers, names, regions) = ([String: Int](), [String](), [[RegionCode]]())
        for region in index.definition.regions {
            for name in Set([region.name.zh, region.name.en] + (region.aliases ?? [])) where !name.isEmpty {
                // Letters are compared without case.
                let key = name.lowercased()
                if let number = numbers[key] {
                    if !regions[number].contains(region.code) { regions[number].append(region.code) }
                } else {
                    numbers[key] = names.count
                    names.append(name)
                    regions.append([region.code])
                }
            }
        }
        tree = index.regionTree
        finder = WordFinder(names)
        self.names = names
        self.regions = regions
    }

    /// The place that a case is about; nil when none is named, or several that have only the county in common.
    public func find(title: String, narrative: String) -> Finding? {
        find(in: title, hints: narrative) ?? find(in: narrative, hints: title)
    }

    private func find(in text: String, hints: String) -> Finding? {
        let named = longest(in: text)
        if named.isEmpty { return nil }
        let around = Set((named + longest(in: hints)).flatMap { regions[$0].count == 1 ? regions[$0] : [] })
        var (found, words) = ([RegionCode](), [String]())
        for number in named {
            let candidates = regions[number]
            let fitting =
                candidates.count == 1
                ? candidates : candidates.filter { region in tree.lineage(of: region).dropFirst().contains(where: around.contains) }
            guard fitting.count == 1, let region = fitting.first else { continue }
            found.append(region)
            words.append(names[number])
        }
        // A township that is named beside its village says nothing more.
        let deepest = found.filter { region in !found.contains { $0 != region && tree.isWithin($0, region) } }
        guard let first = deepest.first else { return nil }
        let common = tree.lineage(of: first).first { region in deepest.allSatisfy { tree.isWithin($0, region) } }
        // The county itself says nothing, and two places that have only the county in common say two things.
        guard let common, tree.parent(of: common) != nil else { return nil }
        return Finding(region: common, names: words)
    }

    /// The names that stand in a text and within no longer one, each once, in the order of the text.
    private func longest(in text: String) -> [Int] {
        var spans: [(begin: Int, end: Int, name: Int)] = []
        finder.find(in: String(decoding: text.utf8.prefix(Self.mostBytes), as: UTF8.self)) { name, end in
            spans.append((end - names[name].utf8.count, end, name))
        }
        spans.sort { ($0.begin, $1.end) < ($1.begin, $0.end) }
        var (reached, seen, found) = (0, Set<Int>(), [Int]())
        for span in spans where span.end > reached {
            reached = span.end
            if seen.insert(span.name).inserted { found.append(span.name) }
        }
        return found
    }
}

// As the members are declared; what is missing where nothing may be is refused.

extension PlaceFinder.Finding: JSONRecord {
    public init(members: inout JSONMembers) throws {
        region = try members.read("region")
        names = try members.read("names")
    }

    public func write(members: inout JSONText) {
        members.write("region", region)
        members.write("names", names)
    }
}
