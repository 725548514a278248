use tensorboard_tests::{Blob, Point, show};
use tfevents::summary::{Camera, Light, Material, Mesh, Scene};

use crate::writer;

const CORNERS: [[f32; 3]; 4] = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
const FACES: [[u32; 3]; 4] = [[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]];
const COLORS: [[u8; 3]; 4] = [[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]];

/// The bytes of a part at a step: 1 vertices, 2 faces, 3 colors.
fn part(parts: &[Point<Blob>], step: i64, content_type: u64) -> Option<&[u8]> {
    let is_it =
        |part: &&Point<Blob>| part.step == step && part.value.about["content_type"] == content_type;
    let mut found = parts.iter().filter(is_it);
    let part = found.next().map(|part| &part.value.bytes[..]);
    assert!(found.next().is_none(), "two parts {content_type} at step {step}");
    part
}

fn bytes_of<const N: usize>(numbers: impl IntoIterator<Item = [u8; N]>) -> Vec<u8> {
    numbers.into_iter().flatten().collect()
}

fn vertices_at(step: i64) -> Vec<[f32; 3]> {
    let stretch = |at: [f32; 3]| at.map(|x| x * (1.0 + step as f32 / 4.0));
    CORNERS.into_iter().map(stretch).collect()
}

#[test]
fn surfaces_clouds_and_batches() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, clock) = writer(logdir.path());
    let mut rng = fastrand::Rng::with_seed(12);
    let scene = Scene::new()
        .camera(Camera::new().fov(50.0).position([1.5, 1.0, 3.0]).look_at([0.0, 0.5, 0.0]))
        .light(Light::ambient([255, 255, 255], 0.9))
        .material(Material::standard().set("roughness", 0.5));
    let mut times = Vec::new();
    for step in 0..3 {
        times.push(clock.tick(&mut rng));
        let vertices = vertices_at(step);
        let mesh =
            Mesh::builder(&vertices).faces(&FACES).colors(&COLORS).scene(scene.clone()).build();
        writer.add_mesh("tetra/hedron", &mesh.unwrap(), step);
    }
    let cloud = |shift: f32| {
        let points: Vec<_> = CORNERS.iter().map(|at| at.map(|x| x + shift)).collect();
        Mesh::builder(&points).build().unwrap()
    };
    let clouds = Mesh::batch([&cloud(0.0), &cloud(5.0)]).unwrap();
    writer.add_mesh("clouds", &clouds, 1);
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let parts = board.meshes(".", "tetra/hedron", 0, 2);
        assert_eq!(parts.len(), 9);
        for step in 0..3 {
            let vertices = vertices_at(step);
            let vertices = bytes_of(vertices.as_flattened().iter().map(|x| x.to_le_bytes()));
            assert_eq!(part(&parts, step, 1), Some(&vertices[..]));
            let faces = bytes_of(FACES.as_flattened().iter().map(|x| x.to_le_bytes()));
            assert_eq!(part(&parts, step, 2), Some(&faces[..]));
            assert_eq!(part(&parts, step, 3), Some(COLORS.as_flattened()));
        }
        for part in &parts {
            assert_eq!(part.wall_time, times[part.step as usize]);
            assert_eq!(part.value.about["components"], 14);
            let config = part.value.about["config"].as_str().unwrap();
            let config: serde_json::Value = serde_json::from_str(config).unwrap();
            assert_eq!(config["camera"]["lookAt"][1], 0.5);
            assert_eq!(config["lights"][0]["color"], "#ffffff");
            assert_eq!(config["material"]["roughness"], 0.5);
        }
        for (sample, shift) in [(0, 0.0f32), (1, 5.0)] {
            let parts = board.meshes(".", "clouds", sample, 1);
            let points = CORNERS.as_flattened().iter().map(|x| (x + shift).to_le_bytes());
            assert_eq!(part(&parts, 1, 1), Some(&bytes_of(points)[..]));
            assert_eq!((part(&parts, 1, 2), part(&parts, 1, 3)), (None, None));
        }
        assert!(board.active_dashboards().contains("mesh"));
    });
}
