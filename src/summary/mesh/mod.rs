//! Meshes: points in space, with faces and colors, per step.

mod scene;

pub use scene::{Camera, Light, Material, Scene, SceneValue};

use super::{DataClass, Element, Metadata, Summary, SummaryEncoder, Tensor};
use crate::wire::messages::MeshPluginData;
use crate::wire::messages::mesh_plugin_data::ContentType;
use prost::Message;

/// A mesh, or a cloud of points, or several of them, shown by the Mesh dashboard.
///
/// Vertices are x, y and z. Faces are triangles of three vertices' numbers, from 0; without faces
/// the vertices are drawn as points. Colors are red, green and blue of each vertex.
///
/// ```
/// use tfevents::summary::Mesh;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let corners = [[0.0f32, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
/// let tetrahedron = Mesh::builder(&corners)
///     .faces(&[[0u32, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
///     .colors(&[[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]])
///     .build()?;
/// writer.add_mesh("shape", &tetrahedron, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// TensorBoard goes by a tag's first mesh for the scene, for whether there are faces and colors,
/// and for how many meshes a batch has. Its viewer keeps the numbers of vertices in 16 bits: of a
/// mesh with faces it draws no more than the first 65,536 vertices right. The file holds them all.
#[derive(Clone, Debug, PartialEq)]
pub struct Mesh {
    samples: usize,
    vertices: Vec<f32>,
    faces: Option<Vec<i32>>,
    colors: Option<Vec<u8>>,
    scene: String,
}

/// Numbers that make no mesh.
///
/// ```
/// use tfevents::summary::Mesh;
///
/// let error = Mesh::builder(&[[0.0; 3]; 3]).faces(&[[0, 1, 3]]).build().unwrap_err();
/// assert_eq!(error.to_string(), "face 0 has vertex 3; allowed are 0 to 2");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MeshError {
    /// No vertices, or more than an `i32` counts.
    #[error("{given} vertices; allowed are 1 to 2147483647")]
    #[non_exhaustive]
    Vertices {
        /// How many were given.
        given: usize,
    },
    /// A vertex that is nowhere.
    #[error("vertex {index} is at {given:?}; allowed are finite numbers")]
    #[non_exhaustive]
    Vertex {
        /// Its place.
        index: usize,
        /// What was given.
        given: [f32; 3],
    },
    /// A face with a vertex that there is not.
    #[error("face {index} has vertex {given}; allowed are 0 to {}", vertices - 1)]
    #[non_exhaustive]
    Face {
        /// Its place.
        index: usize,
        /// The vertex's number.
        given: i128,
        /// How many vertices there are.
        vertices: usize,
    },
    /// Not one color for each vertex.
    #[error("{given} colors for {vertices} vertices; there has to be one for each")]
    #[non_exhaustive]
    Colors {
        /// How many were given.
        given: usize,
        /// How many vertices there are.
        vertices: usize,
    },
    /// A setting of the scene that is NaN or infinite.
    #[error("the scene's {name:?} is not a finite number")]
    #[non_exhaustive]
    Scene {
        /// Its name.
        name: String,
    },
    /// A batch without meshes.
    #[error("a batch of 0 meshes; at least 1 is needed")]
    EmptyBatch,
    /// Meshes of a batch that do not fit into one array.
    #[error("mesh {index} of the batch differs from the first in {what}; it has to be the same")]
    #[non_exhaustive]
    Batch {
        /// Its place.
        index: usize,
        /// What differs, such as `the number of vertices`.
        what: &'static str,
    },
}

/// Parts of a [`Mesh`]; made by [`Mesh::builder`].
///
/// ```
/// use tfevents::summary::{Mesh, Scene};
///
/// let cloud = Mesh::builder(&[[0.0, 0.5, 1.0]]).colors(&[[255, 0, 0]]).scene(Scene::new()).build()?;
/// # Ok::<(), tfevents::summary::MeshError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct MeshBuilder<'a> {
    vertices: &'a [[f32; 3]],
    faces: Option<Result<Vec<i32>, MeshError>>,
    colors: Option<&'a [[u8; 3]]>,
    scene: Scene,
}

impl Mesh {
    /// A mesh from the x, y and z of its vertices.
    ///
    /// ```
    /// use tfevents::summary::Mesh;
    ///
    /// // From a flat array:
    /// let flat = [0.0f32, 0.0, 0.0, 0.5, 0.25, 1.0];
    /// let points: Vec<_> = flat.chunks_exact(3).map(|at| [at[0], at[1], at[2]]).collect();
    /// let cloud = Mesh::builder(&points).build()?;
    /// # Ok::<(), tfevents::summary::MeshError>(())
    /// ```
    pub fn builder(vertices: &[[f32; 3]]) -> MeshBuilder<'_> {
        MeshBuilder { vertices, faces: None, colors: None, scene: Scene::new() }
    }

    /// Several meshes under one tag and step, which TensorBoard shows one at a time, with a
    /// selector. All have as many vertices and faces, and the scene of the first.
    ///
    /// ```
    /// use tfevents::summary::Mesh;
    ///
    /// let before = Mesh::builder(&[[0.0; 3], [1.0; 3]]).build()?;
    /// let after = Mesh::builder(&[[0.5; 3], [0.7; 3]]).build()?;
    /// let both = Mesh::batch([&before, &after])?;
    /// # Ok::<(), tfevents::summary::MeshError>(())
    /// ```
    ///
    /// # Errors
    /// If there is none, or their numbers of vertices, faces or colors differ.
    pub fn batch<'a>(meshes: impl IntoIterator<Item = &'a Mesh>) -> Result<Self, MeshError> {
        let mut meshes = meshes.into_iter().enumerate();
        let (_, first) = meshes.next().ok_or(MeshError::EmptyBatch)?;
        let mut batch = first.clone();
        for (index, mesh) in meshes {
            let differs = |what| Err(MeshError::Batch { index, what });
            let vertices = |mesh: &Mesh| mesh.vertices.len() / mesh.samples;
            let faces = |mesh: &Mesh| Some(mesh.faces.as_ref()?.len() / mesh.samples);
            if vertices(mesh) != vertices(first) {
                return differs("the number of vertices");
            }
            if faces(mesh) != faces(first) {
                return differs("the number of faces");
            }
            if mesh.colors.is_some() != first.colors.is_some() {
                return differs("whether it has colors");
            }
            batch.samples += mesh.samples;
            batch.vertices.extend(&mesh.vertices);
            if let (Some(all), Some(faces)) = (&mut batch.faces, &mesh.faces) {
                all.extend(faces);
            }
            if let (Some(all), Some(colors)) = (&mut batch.colors, &mesh.colors) {
                all.extend(colors);
            }
        }
        Ok(batch)
    }
}

impl<'a> MeshBuilder<'a> {
    /// Triangles: three vertices' numbers each, of any kind of integer.
    ///
    /// ```
    /// # use tfevents::summary::Mesh;
    /// let triangle = Mesh::builder(&[[0.0; 3], [1.0; 3], [0.0, 1.0, 0.0]]).faces(&[[0i32, 1, 2]]);
    /// ```
    pub fn faces<I: Copy + TryInto<i128>>(mut self, faces: &[[I; 3]]) -> Self {
        let vertices = self.vertices.len();
        let number = |(index, &given): (usize, &I)| {
            // Only an u128 can be more than an i128 holds.
            let given = given.try_into().unwrap_or(i128::MAX);
            let known = usize::try_from(given).is_ok_and(|given| given < vertices);
            let number = i32::try_from(given).ok().filter(|_| known);
            number.ok_or(MeshError::Face { index: index / 3, given, vertices })
        };
        self.faces = Some(faces.as_flattened().iter().enumerate().map(number).collect());
        self
    }

    /// Red, green and blue of each vertex.
    ///
    /// ```
    /// # use tfevents::summary::Mesh;
    /// let dots = Mesh::builder(&[[0.0; 3], [1.0; 3]]).colors(&[[255, 0, 0], [0, 0, 255]]);
    /// ```
    pub fn colors(mut self, colors: &'a [[u8; 3]]) -> Self {
        self.colors = Some(colors);
        self
    }

    /// Camera, lights and material. Default: TensorBoard's.
    ///
    /// ```
    /// # use tfevents::summary::{Material, Mesh, Scene};
    /// let scene = Scene::new().material(Material::points(0.05));
    /// let dots = Mesh::builder(&[[0.0; 3], [1.0; 3]]).scene(scene);
    /// ```
    pub fn scene(mut self, scene: Scene) -> Self {
        self.scene = scene;
        self
    }

    /// The mesh.
    ///
    /// ```
    /// # use tfevents::summary::Mesh;
    /// assert!(Mesh::builder(&[[0.0, 0.0, f32::NAN]]).build().is_err());
    /// ```
    ///
    /// # Errors
    /// If there is no vertex, a vertex is not finite, a face has a vertex that there is not, or
    /// there is not one color for each vertex.
    pub fn build(self) -> Result<Mesh, MeshError> {
        let vertices = self.vertices.len();
        if vertices == 0 || i32::try_from(vertices).is_err() {
            return Err(MeshError::Vertices { given: vertices });
        }
        let nowhere = |at: &&[f32; 3]| at.iter().any(|value| !value.is_finite());
        if let Some((index, &given)) = self.vertices.iter().enumerate().find(|(_, at)| nowhere(at))
        {
            return Err(MeshError::Vertex { index, given });
        }
        if let Some(colors) = self.colors.filter(|colors| colors.len() != vertices) {
            return Err(MeshError::Colors { given: colors.len(), vertices });
        }
        Ok(Mesh {
            samples: 1,
            vertices: self.vertices.as_flattened().to_vec(),
            faces: self.faces.transpose()?,
            colors: self.colors.map(|colors| colors.as_flattened().to_vec()),
            scene: self.scene.to_json().map_err(|name| MeshError::Scene { name })?,
        })
    }
}

impl Summary for Mesh {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        let bit = |part: ContentType, there: bool| u32::from(there) << part as u32;
        let components = bit(ContentType::Vertex, true)
            | bit(ContentType::Face, self.faces.is_some())
            | bit(ContentType::Color, self.colors.is_some());
        let mut part = Part { mesh: self, tag, components, values };
        part.push("VERTEX", ContentType::Vertex, &self.vertices);
        if let Some(faces) = &self.faces {
            part.push("FACE", ContentType::Face, faces);
        }
        if let Some(colors) = &self.colors {
            part.push("COLOR", ContentType::Color, colors);
        }
    }

    fn encoded_len_hint(&self) -> usize {
        let faces = self.faces.as_ref().map_or(0, Vec::len);
        let colors = self.colors.as_ref().map_or(0, Vec::len);
        4 * (self.vertices.len() + faces) + colors + 3 * (self.scene.len() + 128)
    }
}

/// Where the parts of a mesh go.
struct Part<'a, 'b> {
    mesh: &'a Mesh,
    tag: &'a str,
    components: u32,
    values: &'a mut SummaryEncoder<'b>,
}

impl Part<'_, '_> {
    fn push<T: Element>(&mut self, name: &str, content_type: ContentType, numbers: &[T]) {
        let shape = [self.mesh.samples, numbers.len() / 3 / self.mesh.samples, 3];
        // What TensorBoard takes from it is the number of samples.
        let told = shape.map(|size| i32::try_from(size).unwrap_or(i32::MAX)).to_vec();
        let content = MeshPluginData {
            version: 0,
            name: self.tag.to_owned(),
            content_type: content_type as i32,
            json_config: self.mesh.scene.clone(),
            shape: told,
            components: self.components,
        };
        let metadata =
            Metadata::new("mesh").content(content.encode_to_vec()).data_class(DataClass::Tensor);
        let tag = format!("{}_{name}", self.tag);
        self.values.push(&tag, &metadata, &Tensor::numbers(&shape, numbers));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_mesh_is_refused() {
        let triangle = [[0.0f32; 3], [1.0; 3], [2.0; 3]];
        let told = |builder: MeshBuilder<'_>| builder.build().unwrap_err().to_string();
        assert_eq!(told(Mesh::builder(&[])), "0 vertices; allowed are 1 to 2147483647");
        let nowhere = [[0.0; 3], [0.0, f32::NAN, 1.0]];
        assert_eq!(
            told(Mesh::builder(&nowhere)),
            "vertex 1 is at [0.0, NaN, 1.0]; allowed are finite numbers"
        );
        let mesh = || Mesh::builder(&triangle);
        assert_eq!(
            told(mesh().faces(&[[0u8, 1, 2], [1, 2, 3]])),
            "face 1 has vertex 3; allowed are 0 to 2"
        );
        assert_eq!(told(mesh().faces(&[[0, -1, 2]])), "face 0 has vertex -1; allowed are 0 to 2");
        assert!(mesh().faces(&[[0, u128::MAX, 2]]).build().is_err());
        assert_eq!(
            told(mesh().colors(&[[0; 3]])),
            "1 colors for 3 vertices; there has to be one for each"
        );
        let scene = Scene::new().camera(Camera::new().fov(f64::NAN));
        assert_eq!(told(mesh().scene(scene)), "the scene's \"fov\" is not a finite number");
    }

    #[test]
    fn a_batch_is_of_equals() {
        let points = [[0.0f32; 3], [1.0; 3], [2.0; 3]];
        let plain = Mesh::builder(&points).build().unwrap();
        let differs = |other: MeshBuilder<'_>| {
            let other = other.build().unwrap();
            match Mesh::batch([&plain, &plain, &other]).unwrap_err() {
                MeshError::Batch { index: 2, what } => what,
                error => panic!("{error}"),
            }
        };
        assert_eq!(differs(Mesh::builder(&points[..2])), "the number of vertices");
        assert_eq!(differs(Mesh::builder(&points).faces(&[[0, 1, 2]])), "the number of faces");
        assert_eq!(differs(Mesh::builder(&points).colors(&[[0; 3]; 3])), "whether it has colors");
        assert_eq!(Mesh::batch([]), Err(MeshError::EmptyBatch));
        let two = Mesh::batch([&plain, &plain]).unwrap();
        assert_eq!(Mesh::batch([&two, &plain]), Mesh::batch([&plain, &plain, &plain]));
    }
}
