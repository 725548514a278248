//! Meshes: a torus knot that swells, and points on a sphere.

use crate::fill::STEPS;
use std::error::Error;
use std::f32::consts::TAU;
use tfevents::SummaryWriter;
use tfevents::summary::{Camera, Light, Material, Mesh, MeshError, Scene};

/// Points along the knot, and around its tube.
pub const ALONG: usize = 240;
pub const AROUND: usize = 16;

/// The middle of the tube: three times around the hole while twice through it.
pub fn middle(turn: f32) -> [f32; 3] {
    let (along, through) = (TAU * 2.0 * turn, TAU * 3.0 * turn);
    let radius = 2.0 + through.cos();
    [radius * along.cos(), radius * along.sin(), through.sin()]
}

/// How thick the tube is.
pub fn thickness(step: i64) -> f32 {
    0.15 + 0.04 * step as f32
}

fn minus(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    std::array::from_fn(|i| a[i] - b[i])
}

fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    std::array::from_fn(|i| {
        let (j, k) = ((i + 1) % 3, (i + 2) % 3);
        a[j] * b[k] - a[k] * b[j]
    })
}

fn unit(a: [f32; 3]) -> [f32; 3] {
    let length = a.iter().map(|x| x * x).sum::<f32>().sqrt();
    a.map(|x| x / length)
}

fn knot(step: i64) -> Result<Mesh, MeshError> {
    let mut vertices = Vec::with_capacity(ALONG * AROUND);
    let mut colors = Vec::with_capacity(ALONG * AROUND);
    for i in 0..ALONG {
        let turn = i as f32 / ALONG as f32;
        let at = middle(turn);
        let ahead = unit(minus(middle(turn + 1e-3), middle(turn - 1e-3)));
        let side = unit(cross(ahead, [0.0, 0.0, 1.0]));
        let up = cross(side, ahead);
        // The rainbow, once along the knot.
        let color = [0.0, 1.0 / 3.0, 2.0 / 3.0]
            .map(|phase| (127.5 + 127.5 * (TAU * (turn + phase)).cos()).round() as u8);
        for j in 0..AROUND {
            let (sin, cos) = (TAU * j as f32 / AROUND as f32).sin_cos();
            let out = thickness(step);
            vertices.push(std::array::from_fn(|k| at[k] + out * (cos * side[k] + sin * up[k])));
            colors.push(color);
        }
    }
    // Two triangles between each vertex and the next ones along and around.
    let vertex = |i: usize, j: usize| ((i % ALONG) * AROUND + j % AROUND) as u32;
    let faces: Vec<[u32; 3]> = (0..ALONG * AROUND)
        .flat_map(|at| {
            let (i, j) = (at / AROUND, at % AROUND);
            let [a, b] = [vertex(i, j), vertex(i + 1, j)];
            let [c, d] = [vertex(i, j + 1), vertex(i + 1, j + 1)];
            [[a, b, c], [b, d, c]]
        })
        .collect();
    let scene = Scene::new()
        .camera(Camera::new().fov(45.0).position([0.0, -5.0, 8.0]).look_at([0.0; 3]))
        .light(Light::ambient([255; 3], 0.6))
        .light(Light::directional([255; 3], 0.6, [2.0, -3.0, 5.0]))
        .material(Material::standard().set("roughness", 0.5));
    Mesh::builder(&vertices).faces(&faces).colors(&colors).scene(scene).build()
}

/// Points spread over a sphere along a spiral, with each step twice as many.
fn sphere(step: i64) -> Result<Mesh, MeshError> {
    let golden = TAU * 0.618_034;
    let count = points(step);
    let vertices: Vec<[f32; 3]> = (0..count)
        .map(|i| {
            let z = 1.0 - 2.0 * (i as f32 + 0.5) / count as f32;
            let (sin, cos) = (golden * i as f32).sin_cos();
            let radius = (1.0 - z * z).sqrt();
            [radius * cos, radius * sin, z]
        })
        .collect();
    let colors: Vec<[u8; 3]> =
        vertices.iter().map(|at| at.map(|x| (127.5 * (x + 1.0)) as u8)).collect();
    let scene = Scene::new()
        .camera(Camera::new().position([0.0, 1.0, 2.5]).look_at([0.0; 3]))
        .material(Material::points(0.03));
    Mesh::builder(&vertices).colors(&colors).scene(scene).build()
}

/// How many points the sphere has.
pub fn points(step: i64) -> usize {
    8 << step
}

pub fn log(writer: &SummaryWriter) -> Result<(), Box<dyn Error>> {
    for step in 0..STEPS {
        writer.add_mesh("knot", &knot(step)?, step);
        writer.add_mesh("sphere", &sphere(step)?, step);
    }
    Ok(())
}
