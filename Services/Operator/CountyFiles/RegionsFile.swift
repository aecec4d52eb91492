import Models

/// `regions.yaml`: the places of the county and the tree they form.
enum RegionsFile {
    static func regions(_ root: Item) -> [CountyRegion] {
        guard let fields = root.fields("the file", ["regions"]), let list = fields.required("regions")?.list("\"regions\"") else {
            return []
        }
        var (regions, members) = ([CountyRegion](), [TreeMember<RegionCode>]())
        for item in list {
            guard let region = item.fields("a region", ["code", "parent", "name"]),
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
            if let name = region.localized("name") { regions.append(CountyRegion(code: code, parent: parent, name: name)) }
        }
        TreeMember.checkCircles(members, notes: root.notes)
        return regions
    }
}
