//! Writes the generated files in src/wire.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for (path, text) in protogen::generate()? {
        std::fs::write(path, text)?;
    }
    Ok(())
}
