import Models

/// `regions.yaml`: the places of the county and the tree they form.
enum RegionsFile {
    static func regions(_ root: Item) -> [CountyRegion] {
        guard let fields = root.fields("the file", ["regions"]), let list = fields.required("regions")?.list("\"regions\"") else {
            return []
        }
        var (regions, members) = ([CountyRegion](), [TreeMember<RegionCode>]())
        for item in list {
            guard let region = item.fields("a region", ["code", "parent", "name", "aliases"]),
                let code = region.required("code")?.code(RegionCode.self)
            else { continue }
            let place = region.optional("code")?.place ?? region.place
            if let earlier = item.notes.regions.define(code, place) {
                item.notes.mistake(
                    place, "the region code \"\(code)\" is already used in line \(earlier.line)", "Give one of the two another code.")
                continue
            }
            var parent: RegionCode?
            if let item = region.optional("parent"), let code = item.code(RegionCode.self) {
                item.notes.regions.mention(code, item.place)
                parent = code
            }
            members.append(TreeMember(code: code, parent: parent, place: place))
            let aliases = region.distinct("aliases") { item -> String? in
                guard let alias = item.text("an alias") else { return nil }
                // One character stands in too many words.
                guard alias.count >= 2, alias.utf8.count <= 120, alias.first?.isWhitespace == false, alias.last?.isWhitespace == false
                else {
                    item.mistake(
                        "the alias \"\(alias.prefix(40))\" cannot be looked for", "Write 2 characters or more, without spaces at the ends.")
                    return nil
                }
                return alias
            }
            if let name = region.localized("name") {
                regions.append(CountyRegion(code: code, parent: parent, name: name, aliases: aliases.isEmpty ? nil : aliases))
            }
        }
        TreeMember.checkCircles(members, notes: root.notes)
        return regions
    }
}
