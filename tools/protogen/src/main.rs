//! Writes src/wire/messages.rs.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::fs::write(protogen::target(), protogen::generate()?)?;
    Ok(())
}
