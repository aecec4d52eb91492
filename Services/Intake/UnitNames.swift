import Models

/// What units are called in each county version.
///
/// The definition of a version never changes and takes long to read, so its names are kept from the first question on.
actor UnitNames {
    private let read: @Sendable (String) async throws -> CountyDefinition?
    private var known: [String: [UnitCode: LocalizedText]] = [:]

    /// `read` gives the definition of a version; nil when there is none.
    init(read: @escaping @Sendable (String) async throws -> CountyDefinition?) {
        self.read = read
    }

    /// The unit's name in that version; nil when the unit, the version or the database cannot be had.
    func name(of unit: UnitCode, in version: String) async -> LocalizedText? {
        if let names = known[version] { return names[unit] }
        guard let definition = try? await read(version) else { return nil }
        let names = Dictionary(definition.units.map { ($0.code, $0.name) }) { first, _ in first }
        known[version] = names
        return names[unit]
    }
}
