/// The version of this build, which all programs of the house share.
public enum Version {
    public static let current = "0.1.0"
}
